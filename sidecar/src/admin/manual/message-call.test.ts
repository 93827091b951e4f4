import { BottleError, Code, createMessageCodecs, DELIVERY_TYPE, toWireError } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { answerOf, attributesOf, known, textOf } from '../../testing/invocable-pod.ts';

describe('a message', () => {
  it('has the data for its value, and headers', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const call = await known().invoke('bill', { header: ['tenant=a', `traceparent=${traceparent}`] }, '{"n":1}');
    const { topic, messages } = createMessageCodecs().decodeDelivery(call.bytes);
    expect(topic).toBe('orders');
    expect(messages.map(({ record, attempt }) => [String(record.value), attempt])).toEqual([['{"n":1}', 1]]);
    expect(messages[0]?.record.headers.map(({ name, value }) => `${name}=${String(value)}`)).toEqual([
      'content-type=application/json',
      'tenant=a',
      `traceparent=${traceparent}`,
    ]);
    expect(call.target).toMatchObject({ contentType: DELIVERY_TYPE.one, trigger: 'TRIGGER_KIND_MQ' });
    expect(call.traceparent).toBe(traceparent);
    expect(attributesOf(call.target)).toMatchObject({ topic: 'orders', group: 's.bill', attempt: '1', manual: 'true' });
  });
  it('comes in a list to a trigger with a batch, several by a whole event, and never more than fit', async () => {
    const { invoke } = known();
    const messages = [
      { key: 'a', value: 1 },
      { headers: { 'content-type': 'text/plain' }, value: 'x' },
    ];
    const { bytes, target } = await invoke('bills', {}, { $event: 'mq:orders', messages });
    expect(target).toMatchObject({ contentType: DELIVERY_TYPE.list });
    const records = createMessageCodecs()
      .decodeDelivery(bytes)
      .messages.map(({ record }) => record);
    expect(records.map(({ key, value, offset }) => [key?.toString(), value?.toString(), offset])).toEqual([
      ['a', '1', 0n],
      [undefined, 'x', 1n],
    ]);
    const tooMany = { $event: 'mq:orders', messages: [...messages, {}] };
    await expect(invoke('bills', {}, tooMany)).rejects.toThrow('bills takes up to 2 messages at a time, not 3');
    await expect(invoke('bill', {}, { $event: 'mq', messages })).rejects.toThrow('bill takes one message at a time');
  });
  it('is a tombstone without a value', async () => {
    const { bytes } = await known().invoke('bill');
    expect(createMessageCodecs().decodeDelivery(bytes).messages[0]?.record.value).toBeUndefined();
  });
  it('of a list that fails is the failure of the call; what is returned is for nobody', async () => {
    const error = toWireError(new BottleError(Code.ABORTED, 'too-late', 'too late'));
    const failing = known(() => answerOf({ body: createMessageCodecs().encodeFailures([{ index: 0, error }]) }));
    await expect(failing.invoke('bills', {}, '1')).rejects.toMatchObject({ reason: 'too-late' });
    expect(await textOf((await known(() => answerOf({ body: Buffer.from('x') })).invoke('bill')).outcome)).toBe('');
  });
});
