import type { Readable } from 'node:stream';

/**
 * The messages of a client's call, then its error. Listens from now on: an error that comes before anybody reads is thrown
 * to whoever does. (Node's own iterator of a stream does not hear of it, and may wait for ever.) `readAhead`: how many messages
 * are taken from the connection before somebody asks for them.
 */
export function callMessages<Message>(call: Readable, { readAhead = 16 } = {}): AsyncGenerator<Message> {
  // grpc-js 1.14 has no option for it.
  Object.assign(Reflect.get(call, '_readableState') as object, { highWaterMark: readAhead });
  let failure: Error | undefined;
  let isOver = false;
  let wake = (): void => {};
  call.on('error', (error: Error) => {
    failure ??= error;
    wake();
  });
  // The last event: all messages are there by then.
  call.once('status', () => {
    isOver = true;
    wake();
  });
  async function* messages(): AsyncGenerator<Message> {
    const onReadable = (): void => wake();
    call.on('readable', onReadable);
    try {
      for (;;) {
        const message = call.read() as Message | null;
        if (message !== null) {
          yield message;
          continue;
        }
        if (failure) throw failure;
        if (isOver) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      call.off('readable', onReadable);
    }
  }
  return messages();
}
