import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { bodyFrames, streamOf } from './body-frames.ts';

const KIB = 1024;

async function lengthsOf(body: ReadableStream<Uint8Array | string> | null): Promise<number[]> {
  const source = bodyFrames(body);
  const lengths: number[] = [];
  for (let frames = await source.next(); frames; frames = await source.next())
    for (const { chunk } of frames) lengths.push(chunk.length);
  return lengths;
}

describe('the frames of a body', () => {
  it('are its chunks, those that are too long for a message in several', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array | string> {
      yield 'äö';
      yield Buffer.alloc(130 * KIB);
      yield new Uint8Array(0);
      yield new Uint8Array(new ArrayBuffer(100), 10, 5);
    }
    expect(await lengthsOf(streamOf(chunks()))).toEqual([4, 64 * KIB, 64 * KIB, 2 * KIB, 5]);
    expect(await lengthsOf(null)).toEqual([]);
  });
  it('end with what is no chunk, and its source is told', async () => {
    let isLeft = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield 7 as unknown as Uint8Array;
      } finally {
        isLeft = true;
      }
    }
    await expect(lengthsOf(streamOf(chunks()))).rejects.toMatchObject({ reason: 'bad-body' });
    expect(isLeft).toBe(true);
  });
  it('throw what the source throws', async () => {
    const broken = new Readable({ read: () => void broken.destroy(new RangeError('broken')) });
    await expect(lengthsOf(streamOf(broken))).rejects.toThrow('broken');
  });
  it('leave a source at once that stands still', async () => {
    const readable = new Readable({ read() {} });
    const source = bodyFrames(streamOf(readable));
    const next = source.next();
    source.stop();
    expect(await next).toBeUndefined();
    expect(readable.destroyed).toBe(true);

    let reason: unknown = 'not left';
    const web = bodyFrames(new ReadableStream({ pull: () => new Promise(() => {}), cancel: (why) => (reason = why) }));
    const read = web.next();
    web.stop();
    expect(await read).toBeUndefined();
    expect(reason).toBeUndefined();
  });
});
