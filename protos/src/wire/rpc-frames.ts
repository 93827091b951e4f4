// Messages of a streaming gRPC method inside a streamed body; see RpcEnd in events.proto.
import type { RpcEnd, RpcEnd__Output } from '../generated/bottle/v1/RpcEnd.ts';
import { BottleError, Code } from '../errors.ts';
import { readError, writeError } from './codec.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

const HEAD_BYTES = 5;
const END_FLAG = 128;

/** One frame off the body. */
export interface RpcFramePart {
  /** The bytes are an RpcEnd, and nothing follows. */
  isEnd: boolean;
  bytes: Buffer;
}

/** A message as it stands in the body. */
export function frameMessage(message: Uint8Array): Buffer {
  return framed(0, message);
}

/** The last frame of a response. */
export function frameEnd(end: RpcEnd): Buffer {
  const writer = new WireWriter(512);
  for (const item of end.trailer ?? []) writer.stringItem(1, item);
  if (end.error) {
    const start = writer.beginMessage(2);
    writeError(writer, end.error);
    writer.endMessage(start);
  }
  return framed(END_FLAG, writer.finish());
}

/** The reverse of what `frameEnd` puts into a frame. */
export function decodeRpcEnd(bytes: Buffer): RpcEnd__Output {
  const reader = new WireReader(bytes);
  const end: RpcEnd__Output = { trailer: [], error: null };
  while (reader.next()) {
    if (reader.field === 1) end.trailer.push(reader.string());
    else if (reader.field === 2) end.error = readError(reader.message());
    else reader.skip();
  }
  return end;
}

/**
 * The frames of a body, whatever pieces it comes in. Reads on only when the next frame is asked for, and keeps one frame
 * at most. Throws RESOURCE_EXHAUSTED for a frame of more than `maxBytes`, UNAVAILABLE for a body that stops inside one.
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<RpcFramePart, void> {
  const waiting = new Pieces();
  for await (const chunk of chunks) {
    waiting.add(chunk);
    for (;;) {
      const head = waiting.peek(HEAD_BYTES);
      if (!head) break;
      const length = head.readUInt32BE(1);
      if (length > maxBytes) throw tooLarge(length, maxBytes);
      if (waiting.bytes < HEAD_BYTES + length) break;
      const isEnd = head[0] === END_FLAG;
      yield { isEnd, bytes: waiting.take(HEAD_BYTES + length).subarray(HEAD_BYTES) };
    }
  }
  if (waiting.bytes > 0)
    throw new BottleError(Code.UNAVAILABLE, 'connection-lost', 'the stream of messages was cut off');
}

/** Bytes in the order they came, joined only when somebody needs them in one piece. */
class Pieces {
  bytes = 0;
  #pieces: Buffer[] = [];

  add(chunk: Uint8Array): void {
    this.#pieces.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.bytes += chunk.length;
  }

  /** The first bytes, which stay; undefined when there are fewer. */
  peek(count: number): Buffer | undefined {
    if (this.bytes < count) return undefined;
    const [first] = this.#pieces;
    if (first && first.length >= count) return first;
    return Buffer.concat(this.#pieces.slice(0, count), count); // no piece is empty
  }

  /** The first bytes, which go. There must be as many. */
  take(count: number): Buffer {
    const [first] = this.#pieces;
    const whole = first && first.length >= count ? first : Buffer.concat(this.#pieces);
    if (whole !== first) this.#pieces = [whole];
    this.bytes -= count;
    if (whole.length === count) this.#pieces.shift();
    else this.#pieces[0] = whole.subarray(count);
    return whole.subarray(0, count);
  }
}

function framed(flag: number, bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
  frame[0] = flag;
  frame.writeUInt32BE(bytes.length, 1);
  frame.set(bytes, HEAD_BYTES);
  return frame;
}

/** The refusal of a message that is larger than a pod takes. */
function tooLarge(bytes: number, limitBytes: number): BottleError {
  const message = `a message of ${bytes} bytes is larger than ${limitBytes} bytes`;
  return new BottleError(Code.RESOURCE_EXHAUSTED, 'message-too-large', message, { details: { limitBytes } });
}
