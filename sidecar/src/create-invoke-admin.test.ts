import { createMessageCodecs, DELIVERY_TYPE, frameEnd } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { answerOf, attributesOf, known, podWith, TRIGGERS } from './testing/invocable-pod.ts';

describe('a pod that does not know its functions yet', () => {
  it('waits for them: a batch trigger gets a list, however early it is asked', async () => {
    const { invoke, learn, waitingRoom, carried } = podWith();
    const invoked = invoke('bills', {}, { n: 1 });
    expect([waitingRoom.size, carried.length]).toEqual([1, 0]);
    learn();
    const { target, bytes } = await invoked;
    expect(target).toMatchObject({ trigger: 'TRIGGER_KIND_MQ', contentType: DELIVERY_TYPE.list });
    expect(createMessageCodecs().decodeDelivery(bytes).messages.length).toBe(1);
  });
  it('says which functions there are', async () => {
    await expect(known().invoke('gone')).rejects.toMatchObject({ reason: 'no-function', code: 'NOT_FOUND' });
    await expect(known().admin.example('gone', undefined)).rejects.toThrow('there are getItem, newItem');
  });
});

describe('a tick', () => {
  it('has the payload that is given, else the schedule’s own', async () => {
    const { invoke } = known();
    const call = await invoke('report');
    expect(call.bytes.toString()).toBe('{"days":1}');
    expect(attributesOf(call.target)).toMatchObject({ schedule: 'nightly', manual: 'true', shardCount: '1' });
    expect((await invoke('report', {}, '{"days":2}')).bytes.toString()).toBe('{"days":2}');
    const scheduledAt = '2026-01-02T03:04:05.000Z';
    const shard = { index: 1, count: 3 };
    const whole = await invoke('report', {}, { $event: 'timer:nightly', scheduledAt, shard, payload: null });
    expect(attributesOf(whole.target)).toMatchObject({ scheduledAt, shardIndex: '1', shardCount: '3' });
    expect(whole.bytes.toString()).toBe('null');
  });
});

describe('a CloudEvent', () => {
  it('is the given one, or made for the given data so that it passes the filters', async () => {
    const { invoke } = known();
    const made = JSON.parse((await invoke('paid', {}, '{"id":9007199254740993}')).bytes.toString()) as object;
    expect(made).toMatchObject({ specversion: '1.0', type: 'order.example', source: '/shops/example' });
    expect((await invoke('paid', {}, '{"id":9007199254740993}')).bytes.toString()).toContain('"id":9007199254740993');
    const own = { specversion: '1.0', id: 'i', source: '/shops/1', type: 'order.paid', subject: 's', data: 1 };
    const call = await invoke('paid', {}, own);
    expect(JSON.parse(call.bytes.toString())).toMatchObject(own);
    expect(attributesOf(call.target)).toEqual({ id: 'i', source: '/shops/1', type: 'order.paid', subject: 's' });
    expect(attributesOf((await invoke('audit', {}, own)).target)).toMatchObject({ topic: 'events', group: 'g' });
  });
  it.each([
    [{ specversion: '1.0', type: 'other' }, 'the function takes no events with {"type":"other"'],
    [{ specversion: '1.0', type: 'order.x', source: 5 }, 'source: must be string'],
    [{ specversion: '0.3', type: 'order.x' }, 'specversion: must be "1.0"'],
  ])('%j is refused, saying why', async (event, complaint) => {
    await expect(known().invoke('paid', {}, event)).rejects.toMatchObject({
      reason: 'bad-event',
      message: expect.stringContaining(complaint) as unknown,
    });
  });
});

describe('a request of the gateway', () => {
  it('has the session that a whole event names, where the API has one', async () => {
    const { invoke } = known();
    const session = { userId: 7 };
    const call = await invoke('add', {}, { $event: 'gateway:shop.add', appKey: 'a', session, data: { n: 1 } });
    expect(call.bytes.toString()).toBe('{"n":1}');
    expect(attributesOf(call.target)).toEqual({
      api: 'shop.add',
      version: '2.0',
      appKey: 'a',
      device: '',
      session: '{"userId":7}',
    });
    expect(attributesOf((await invoke('look', {}, '{}')).target)).not.toHaveProperty('session');
    await expect(invoke('add', {}, '{}')).rejects.toThrow('shop.add 2.0 needs a session');
    await expect(invoke('look', {}, { $event: 'gateway', session })).rejects.toThrow('is called without a session');
  });
});

it('gives a direct call its data as it is', async () => {
  const { bytes, target } = await known().invoke('plain', {}, '{ "n": 1 }');
  expect(bytes.toString()).toBe('{ "n": 1 }');
  expect(target).toMatchObject({ kind: 'event', trigger: 'TRIGGER_KIND_EVENT', contentType: 'application/json' });
  expect((await known().invoke('bill', { as: 'event' }, '1')).target).toMatchObject({ trigger: 'TRIGGER_KIND_EVENT' });
});

it.each([
  ['bill', { path: '/' }, '--path says nothing to mq, which takes --header and --data'],
  ['report', { header: 'a=b', method: 'GET' }, '--method, --header say nothing to timer, which takes --data'],
  ['paid', { query: 'a=b' }, '--query says nothing to cloudevent'],
  ['look', { header: 'a=b' }, '--header says nothing to gateway'],
  ['reserve', { path: '/' }, '--path says nothing to rpc'],
  ['plain', { header: 'a=b' }, '--header says nothing to a direct call'],
])('refuses flags that say nothing to %s: %j', async (name, query, complaint) => {
  await expect(known().invoke(name, query)).rejects.toMatchObject({
    reason: 'bad-event',
    message: expect.stringContaining(complaint) as unknown,
  });
});

describe('an example', () => {
  it.each(Object.keys(TRIGGERS).filter((name) => name !== 'item'))('of %s is a call of it', async (name) => {
    const streams = name === 'watch' ? [frameEnd({ trailer: [], error: null })] : [];
    const { admin, invoke } = known(() => answerOf({}, ...streams));
    const { event, note } = await admin.example(name, undefined);
    expect(note).toBeUndefined();
    const { target } = await invoke(name, {}, event);
    expect(target.kind === 'event' ? target.function : target.http.url).toBeTypeOf('string');
  });
  it('has what the route needs to know a repeat, and what the trigger gets', async () => {
    const { admin } = known();
    expect(await admin.example('kept', undefined)).toMatchObject({
      event: { headers: { 'x-key': 'example', cookie: 'c=example' }, body: { a: { b: 'example' } } },
      byFlags: expect.arrayContaining(['--header', 'x-key: example', '--data', '{"a":{"b":"example"}}']) as unknown,
    });
    expect(await admin.example('bills', undefined)).toMatchObject({ event: { messages: [{}, {}] } });
    expect(await admin.example('load', undefined)).toMatchObject({ event: { messages: [{ itemId: '' }, {}] } });
    expect((await admin.example('hosted', undefined)).event).toMatchObject({ path: '/hosted/de' });
    expect((await admin.example('paid', 'event')).flags).toEqual(['--as', 'event']);
  });
});
