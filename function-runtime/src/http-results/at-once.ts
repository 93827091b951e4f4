/** Bodies that are larger are streamed. */
const MAX_BYTES = 1024 * 1024;

/** A body that was all there; or what has come of it with the rest behind it, as a stream. */
export type Arrived = { bytes: Buffer } | { stream: ReadableStream };

/**
 * Reads what a web stream gives without waiting for anything outside of JavaScript: the whole of a body that was made from
 * text or bytes, about a megabyte of one that goes on. Never rejects: the stream that it returns fails.
 */
export async function readAtOnce(body: ReadableStream): Promise<Arrived> {
  const reader = body.getReader() as ReadableStreamDefaultReader<unknown>;
  const turn = new Promise<undefined>((resolve) => void setImmediate(resolve, undefined));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const pending = reader.read();
    const result = await Promise.race([pending.catch(() => undefined), turn]);
    if (result?.done) return { bytes: Buffer.concat(chunks) };
    if (!(result?.value instanceof Uint8Array)) return { stream: continued(reader, chunks, pending) };
    chunks.push(Buffer.from(result.value)); // its source may use the memory again for the next one
    length += result.value.length;
    if (length > MAX_BYTES) return { stream: continued(reader, chunks, reader.read()) };
  }
}

/** Cancelling it cancels the source at once, a read that is under way included. */
function continued(
  reader: ReadableStreamDefaultReader<unknown>,
  chunks: readonly Uint8Array[],
  pending: ReturnType<ReadableStreamDefaultReader<unknown>['read']>,
): ReadableStream {
  const here = [...chunks];
  let next: typeof pending | undefined = pending;
  pending.catch(() => {}); // whoever reads on sees it
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        const chunk = here.shift();
        if (chunk) return controller.enqueue(chunk);
        const result = await (next ?? reader.read());
        next = undefined;
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
