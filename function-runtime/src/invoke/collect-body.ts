import type { Readable } from 'node:stream';

/** Memory is taken for what a head declares up to this; beyond it, for what has come. */
const MAX_DECLARED_BYTES = 64 * 1024 * 1024;

/**
 * A whole body. Where its length is known each chunk is copied as it comes: kept until the end, chunks would grow old, and what is
 * old and outside the heap is only freed by collections that look at everything.
 */
export async function collectBody(body: Readable, declaredBytes: number | undefined): Promise<Buffer> {
  const isDeclared = declaredBytes !== undefined && declaredBytes <= MAX_DECLARED_BYTES;
  const whole = Buffer.allocUnsafeSlow(isDeclared ? declaredBytes : 0);
  const beyond: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (beyond.length === 0 && length + chunk.length <= whole.length) {
      chunk.copy(whole, length);
      length += chunk.length;
    } else beyond.push(chunk);
  }
  const begin = whole.subarray(0, length);
  return beyond.length === 0 ? begin : Buffer.concat([begin, ...beyond]);
}
