import type { Readable } from 'node:stream';

export interface ReceivedMessagesOptions {
  /** What is thrown when the client leaves before its end. */
  lost(): Error;
  /** How long after the end a client may still be found to have left, in milliseconds. @default 0 */
  graceMs?: number;
}

/**
 * The messages that a gRPC server receives on a call, to their end; throws when the client leaves first. Not Node's own
 * iterator: that takes the status of a failed call, which grpc-js is given as an error of the stream, for its own and
 * destroys the call before the status is sent.
 */
export async function* receivedMessages<Message>(
  call: Readable,
  { lost, graceMs = 0 }: ReceivedMessagesOptions,
): AsyncGenerator<Message> {
  let state = 'open' as 'open' | 'ended' | 'gone';
  let timer: NodeJS.Timeout | undefined;
  let wake = (): void => {};
  const settle = (next: 'ended' | 'gone') => (): void => {
    if (state === 'open') state = next;
    wake();
  };
  const onReadable = (): void => wake();
  const onEnd = (): void => {
    if (graceMs === 0) settle('ended')();
    else timer = setTimeout(settle('ended'), graceMs);
  };
  const onGone = settle('gone');
  call.on('readable', onReadable).once('end', onEnd);
  for (const event of ['error', 'cancelled', 'close']) call.once(event, onGone);
  try {
    for (;;) {
      const message = call.read() as Message | null;
      if (message !== null) yield message;
      else if (state === 'ended') return;
      else if (state === 'gone') throw lost();
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearTimeout(timer);
    call.off('readable', onReadable).off('end', onEnd);
    for (const event of ['error', 'cancelled', 'close']) call.off(event, onGone);
  }
}
