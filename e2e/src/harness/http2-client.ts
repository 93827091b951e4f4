import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';

/** One answer over HTTP/2. `status` 0: the stream was reset, with `resetCode`. */
export interface Http2Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  resetCode: number;
}

/** A connection that stands. */
export async function openSession(url: string, ca?: string): Promise<ClientHttp2Session> {
  const session = connect(url, ca === undefined ? {} : { ca, servername: 'localhost' });
  session.on('error', () => {}); // tests look at what becomes of the streams
  await once(session, 'connect');
  return session;
}

export function ask(
  session: ClientHttp2Session,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: string | Buffer,
): Promise<Http2Answer> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': path, ...headers }, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    stream.on('response', (given) => (head = given));
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('close', () => {
      const status = Number(head[':status'] ?? 0);
      resolve({ status, headers: head, body: Buffer.concat(chunks), resetCode: stream.rstCode ?? 0 });
    });
    if (body !== undefined) stream.end(body);
  });
}
