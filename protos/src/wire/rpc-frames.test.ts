import { describe, expect, it } from 'vitest';
import { decodeRpcEnd, frameEnd, frameMessage, readFrames } from './rpc-frames.ts';

async function* pieces(body: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
const read = (body: Buffer, size: number, maxBytes = 1_000_000) =>
  Array.fromAsync(readFrames(pieces(body, size), maxBytes));

describe('the frames of a body', () => {
  const messages = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(1_000, 7), Buffer.from('last')];
  const end = { trailer: ['x-a', '1', 'x-b-bin', 'AAE='], error: { code: 5, reason: 'no-item', message: 'none' } };
  const body = Buffer.concat([...messages.map(frameMessage), frameEnd(end)]);

  it.each([1, 2, 3, 5, 7, 64, 999, 100_000])('are the same whatever pieces it comes in: %i bytes', async (size) => {
    const frames = await read(body, size);
    expect(frames.slice(0, -1).map(({ bytes }) => bytes)).toEqual(messages);
    expect(frames.map(({ isEnd }) => isEnd)).toEqual([false, false, false, false, true]);
    const last = decodeRpcEnd(frames.at(-1)?.bytes ?? Buffer.alloc(0));
    expect(last).toEqual({
      trailer: end.trailer,
      error: { ...end.error, detailsJson: '', httpStatus: 0, reportJson: '' },
    });
  });
  it('that are cut off, wherever, are an error', async () => {
    for (const at of [1, 4, 5 + 6 - 1, body.length - 1]) {
      await expect(read(body.subarray(0, at), 10)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
  });
  it('that are too large are refused by their head alone', async () => {
    const head = frameMessage(Buffer.alloc(1_001)).subarray(0, 5);
    const refused = read(head, 5, 1_000);
    await expect(refused).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'message-too-large' });
  });
  it('are read no faster than somebody asks', async () => {
    let given = 0;
    const source = (async function* () {
      for (; given < 100; given++) yield frameMessage(Buffer.from([given]));
    })();
    const frames = readFrames(source, 10);
    await frames.next();
    await frames.next();
    expect(given).toBeLessThan(3);
    await frames.return();
  });
});
