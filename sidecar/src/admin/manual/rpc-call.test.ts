import {
  BottleError,
  Code,
  frameEnd,
  frameMessage,
  readFrames,
  type Response__Output,
  toWireError,
} from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { answerOf, attributesOf, itemCodec, known, textOf } from '../../testing/invocable-pod.ts';

const item = itemCodec();

describe('a gRPC call', () => {
  const reply = (left: number): Buffer => Buffer.from(item.encode({ itemId: 'a', left, mark: Buffer.from([1]) }));
  it('has the data for its message, and answers with JSON', async () => {
    const { invoke } = known(() => answerOf({ body: reply(3) }));
    const call = await invoke('reserve', { header: 'x-a=1' }, '{"itemId":"a","left":9007199254740993,"mark":"AQ=="}');
    expect(item.decode(call.bytes)).toEqual({ itemId: 'a', left: '9007199254740993', mark: Buffer.from([1]) });
    expect(attributesOf(call.target)).toMatchObject({
      service: 'shop.v1.Stock',
      method: 'Reserve',
      'metadata.x-a': '1',
    });
    expect(await textOf(call.outcome)).toBe('{"itemId":"a","left":"3","mark":"AQ=="}');
    expect(item.decode((await invoke('reserve')).bytes)).toMatchObject({ itemId: '' });
  });
  it('has several messages where the method takes a stream', async () => {
    const { invoke } = known(() => answerOf({ body: reply(1) }));
    const sentBy = async (data: unknown): Promise<unknown[]> => {
      const { bytes, kind } = await invoke('load', {}, data);
      expect(kind).toBe('stream');
      const messages: unknown[] = [];
      for await (const frame of readFrames(piece(bytes), 1_000)) messages.push(item.decode(frame.bytes));
      return messages;
    };
    expect(await sentBy([{ itemId: 'a' }, { itemId: 'b' }])).toMatchObject([{ itemId: 'a' }, { itemId: 'b' }]);
    expect(await sentBy({ itemId: 'a' })).toMatchObject([{ itemId: 'a' }]);
    expect(await sentBy({ $event: 'rpc:Load', messages: [] })).toEqual([]);
    await expect(invoke('reserve', {}, { $event: 'rpc', messages: [] })).rejects.toThrow('Reserve takes one message');
  });
  it('answers with a line for each message of a stream, and says why it ended early', async () => {
    const end = (error: BottleError | undefined): Buffer =>
      frameEnd({ trailer: [], error: error ? toWireError(error) : null });
    const linesOf = async (...frames: Buffer[]): Promise<unknown[]> => {
      const { outcome } = await known(() => answerOf({}, ...frames)).invoke('watch');
      return (await textOf(outcome))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
    };
    const [one, two] = [frameMessage(reply(1)), frameMessage(reply(2))];
    expect(await linesOf(one, two, end(undefined))).toMatchObject([{ left: '1' }, { left: '2' }]);
    const failed = new BottleError(Code.ABORTED, 'changed', 'it changed');
    const told = { $error: { code: 'ABORTED', reason: 'changed', detail: 'it changed' } };
    expect(await linesOf(one, end(failed))).toMatchObject([{ left: '1' }, told]);
    expect(await linesOf(one)).toMatchObject([{ left: '1' }, { $error: { reason: 'connection-lost' } }]);
  });
  it('that fails says what the function said, although it has entries of its own', async () => {
    const error = { ...toWireError(new BottleError(Code.ABORTED, 'changed', 'it changed')) };
    const pod = known(() => answerOf({ error, trailer: ['a', 'b'] } as Partial<Response__Output>));
    await expect(pod.invoke('reserve')).rejects.toMatchObject({ reason: 'changed' });
  });
  it.each([
    [{}, { itemId: 5 }, 'Item.itemId: expected a string, got 5'],
    [{}, [1], 'expected a Item, got an array'],
    [{ header: 'content-type=x' }, {}, 'functions never see content-type'],
    [{ header: 'ü=x' }, {}, 'illegal characters'],
    [{}, { $event: 'rpc', message: {}, messages: [] }, 'either message or messages'],
  ])('by %j with %j is refused, saying why', async (query, data, complaint) => {
    await expect(known().invoke('reserve', query, data)).rejects.toMatchObject({
      reason: 'bad-event',
      message: expect.stringContaining(complaint) as unknown,
    });
  });
});

async function* piece(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
