import { CallError, Code } from '@bottle/protos';

/** What can be stored. Streams are read no faster than they are stored. */
export type ObjectBody =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/** The bytes of a body, and how many there are, where that is known. Throws INVALID_ARGUMENT (`bad-body`). */
export function readObjectBody(body: ObjectBody): { size: number | undefined; chunks: AsyncIterable<Uint8Array> } {
  if (typeof body === 'string') return whole(Buffer.from(body));
  if (body instanceof ArrayBuffer) return whole(new Uint8Array(body));
  if (ArrayBuffer.isView(body)) return whole(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  if (body instanceof Blob) return { size: body.size, chunks: bytesOf(body.stream()) };
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return { size: undefined, chunks: bytesOf(body) };
  throw badBody(body);
}

function whole(bytes: Uint8Array) {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield bytes;
  }
  return { size: bytes.length, chunks: chunks() };
}

async function* bytesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw badBody(chunk);
  }
}

function badBody(value: unknown): CallError {
  const message = `an object cannot be made of ${value === null ? 'null' : `a ${typeof value}`}`;
  return new CallError(Code.INVALID_ARGUMENT, 'bad-body', message);
}
