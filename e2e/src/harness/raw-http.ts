import { connect } from 'node:net';

/** Sends exact bytes, piece by piece, and returns everything that comes back until the server closes or `until` holds. */
export function rawHttp(
  port: number,
  pieces: readonly (string | Buffer)[],
  options: { until?: (received: string) => boolean; pauseMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => socket.destroy(new Error(`no end after: ${received}`)), 30_000);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (options.until?.(received)) socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
    const send = ([piece, ...rest]: readonly (string | Buffer)[]): void => {
      if (piece === undefined || socket.destroyed) return;
      socket.write(piece);
      if (rest.length > 0) setTimeout(send, options.pauseMs ?? 0, rest);
    };
    socket.on('connect', () => send(pieces));
  });
}
