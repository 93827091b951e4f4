import { Readable } from 'node:stream';
import { CallError, Code } from '@bottle/protos';
import type { FrameSource } from './frame-sender.ts';

/** Longest chunk of a body in one message. */
const MAX_CHUNK_BYTES = 64 * 1024;

/** A body as frames of the contract, in chunks that fit one message. */
export function bodyFrames(body: ReadableStream<Uint8Array | string> | null): FrameSource<{ chunk: Buffer }> {
  const reader = body?.getReader();
  return {
    async next() {
      const { done, value } = (await reader?.read()) ?? { done: true };
      return done ? undefined : chunksOf(toBytes(value));
    },
    stop: () => void reader?.cancel().catch(() => {}), // its source is broken already
  };
}

/** The bytes of an iterable, read no faster than they are asked for; its source is told at once that no more are wanted. */
export function streamOf(chunks: AsyncIterable<Uint8Array | string>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const leave = async (): Promise<void> => {
    // The iterator of a stream that stands still would leave it when its next chunk comes.
    if (chunks instanceof Readable) chunks.destroy();
    else await iterator.return?.();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) return controller.close();
        try {
          controller.enqueue(toBytes(value));
        } catch (error) {
          void leave();
          throw error;
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}

/** Throws INVALID_ARGUMENT (`bad-body`). */
function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  const message = `a body cannot be made of ${chunk === null ? 'null' : `a ${typeof chunk}`}`;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-body', message);
}

function chunksOf(bytes: Uint8Array): { chunk: Buffer }[] {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: { chunk: Buffer }[] = [];
  for (let at = 0; at < whole.length; at += MAX_CHUNK_BYTES)
    chunks.push({ chunk: whole.subarray(at, at + MAX_CHUNK_BYTES) });
  return chunks;
}
