import type { ByteRange } from 'bottle-sdk/http-results';

/** A part of a stream of bytes whose length is known. What comes after it is not read. */
export function partOfStream(source: ReadableStream, { first, last }: ByteRange): ReadableStream {
  const reader = source.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let position = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return controller.close(); // shorter than it said: its length gives that away
          const from = Math.max(0, first - position);
          const to = Math.min(value.length, last + 1 - position);
          position += value.length;
          if (from < to) controller.enqueue(value.subarray(from, to));
          if (position > last) {
            controller.close();
            await reader.cancel();
          }
          if (from < to) return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
