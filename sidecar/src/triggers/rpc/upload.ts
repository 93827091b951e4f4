import type { Readable } from 'node:stream';
import { BottleError, Code, frameMessage } from '@bottle/protos';
import type { UnreadBody } from '../../layer.ts';

/** The messages of a client that sends several, as they come. It is slowed when nobody reads them. */
export function uploadOf(call: Readable): UnreadBody {
  return { read: () => ({ kind: 'stream', stream: framesOf(call) }), abandon: () => {} };
}

/**
 * Not the stream's own iterator: that takes the status of a failed call, which the server's library is given as an error
 * of the stream, for its own and destroys the call before the status is sent. Ends with the client's last message;
 * throws CANCELLED when the client leaves first.
 */
async function* framesOf(call: Readable): AsyncGenerator<Uint8Array> {
  let wake = (): void => {};
  const onChange = (): void => wake();
  call.on('readable', onChange).on('end', onChange).on('close', onChange);
  try {
    for (;;) {
      const message: unknown = call.read();
      if (message !== null) yield frameMessage(message as Buffer);
      else if (call.readableEnded) return;
      else if (call.destroyed) throw new BottleError(Code.CANCELLED, 'client-closed', 'the client closed the request');
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    call.off('readable', onChange).off('end', onChange).off('close', onChange);
  }
}
