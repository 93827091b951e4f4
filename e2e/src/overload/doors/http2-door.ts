import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import type { DoorAnswer, OpenDoor } from './door.ts';
import { judgeProblem } from './judge-problem.ts';

/** Few: what the pod allows on one is enough for many. */
const SESSIONS = 4;

/** HTTP/2 by prior knowledge, on a few connections. */
export const openHttp2: OpenDoor = ({ http2 }, behind) => {
  const sessions = Array.from({ length: SESSIONS }, () => {
    const session = connect(`http://127.0.0.1:${http2}`);
    session.on('error', () => {}); // its streams say it
    return session;
  });
  let turn = 0;
  return {
    async ask(timeoutMs) {
      const session = sessions[turn++ % SESSIONS];
      return session ? await exchange(session, `/${behind}`, timeoutMs) : { kind: 'other', what: 'no session' };
    },
    close() {
      for (const session of sessions) session.destroy();
    },
  };
};

function exchange(session: ClientHttp2Session, path: string, timeoutMs: number): Promise<DoorAnswer> {
  return new Promise((resolve) => {
    if (session.destroyed) return resolve({ kind: 'other', what: 'connection closed' });
    const head = { ':method': 'POST', ':path': path, 'x-bottle-timeout-ms': String(timeoutMs) };
    const stream = session.request(head, { endStream: true });
    let fields: IncomingHttpHeaders = {};
    let body = '';
    let failure: string | undefined;
    stream.setEncoding('utf8');
    stream.on('response', (given) => (fields = given));
    stream.on('data', (text: string) => (body += text));
    stream.on('error', (error: NodeJS.ErrnoException) => (failure = error.code ?? error.message));
    stream.on('close', () => {
      const status = Number(fields[':status'] ?? 0);
      if (status === 0) resolve({ kind: 'other', what: failure ?? `reset ${stream.rstCode ?? 0}` });
      else resolve(judgeProblem({ status, retryAfter: fields['retry-after'], body }));
    });
  });
}
