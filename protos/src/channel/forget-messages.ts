import { StreamDecoder } from '@grpc/grpc-js/build/src/stream-decoder.js';

/** `readState` of grpc-js 1.14. */
const BETWEEN_MESSAGES = 0;
const UNCOMPRESSED = Buffer.alloc(1);

const patched = new WeakSet<StreamDecoder>();

/**
 * Makes gRPC's decoder let go of a message when it has been handed on. It keeps the pieces until the next one begins, and each
 * piece is a view of a whole read of the socket, with what came for others: a stream that pauses would hold a hundred kilobytes
 * for as long as it does.
 */
export function forgetReadMessages(): void {
  if (patched.has(StreamDecoder.prototype)) return;
  patched.add(StreamDecoder.prototype);
  const original: (this: StreamDecoder, data: Buffer) => Buffer[] = StreamDecoder.prototype.write;
  Object.assign(StreamDecoder.prototype, {
    write(this: StreamDecoder, data: Buffer): Buffer[] {
      const messages = original.call(this, data);
      // The flag is read again with the next message.
      if (Reflect.get(this, 'readState') === BETWEEN_MESSAGES)
        Object.assign(this, { readPartialMessage: [], readCompressFlag: UNCOMPRESSED });
      return messages;
    },
  });
}
