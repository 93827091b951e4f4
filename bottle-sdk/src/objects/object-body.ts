import { CallError, Code } from '@bottle/protos';
import { streamOf } from '../body-frames.ts';

/** What can be stored. Streams are read no faster than they are stored. */
export type ObjectBody =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

interface ReadBody {
  /** How many bytes there are, where that is known. */
  size: number | undefined;
  bytes: ReadableStream<Uint8Array>;
}

/** The bytes of a body. Throws INVALID_ARGUMENT (`bad-body`). */
export function readObjectBody(body: ObjectBody): ReadBody {
  if (typeof body === 'string') return whole(Buffer.from(body));
  if (body instanceof ArrayBuffer) return whole(new Uint8Array(body));
  if (ArrayBuffer.isView(body)) return whole(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  if (body instanceof Blob) return { size: body.size, bytes: body.stream() };
  if (body instanceof ReadableStream) return { size: undefined, bytes: body };
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return { size: undefined, bytes: streamOf(body) };
  const message = `an object cannot be made of ${body === null ? 'null' : `a ${typeof body}`}`;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-body', message);
}

function whole(bytes: Uint8Array): ReadBody {
  return { size: bytes.length, bytes: ReadableStream.from(bytes.length > 0 ? [bytes] : []) };
}
