import { BottleError, Code } from '@bottle/protos';
import type { ByteStream } from '../layer.ts';

/**
 * The chunks of a body whose length its head has told: never a byte more, which a client would take for its next answer.
 * Throws for one that is not of that length. The runtime looks at lengths first: this is for a function process that does
 * not.
 */
export async function* exactly(chunks: ByteStream, length: number): ByteStream {
  let sent = 0;
  for await (const chunk of chunks) {
    if (sent + chunk.length > length) throw wrongLength(length);
    sent += chunk.length;
    yield chunk;
  }
  if (sent < length) throw wrongLength(length);
}

function wrongLength(length: number): BottleError {
  const message = `the function's stream is not of the ${length} bytes that its head promised`;
  return new BottleError(Code.INTERNAL, 'function-error', message);
}
