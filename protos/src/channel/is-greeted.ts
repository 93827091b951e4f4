import { connect } from 'node:http2';
import { createConnection } from 'node:net';

/**
 * Whether the process behind a socket greets a fresh connection: then its event loop turns, whatever has become of the
 * connections from before. False after `timeoutMs`.
 */
export function isGreeted(socketPath: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect('http://localhost', { createConnection: () => createConnection(socketPath) });
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    session.once('remoteSettings', () => end(true));
    session.on('error', () => end(false));
  });
}
