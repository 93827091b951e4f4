// Clients that tell in a line what they saw: `200 "first", cut`.
import { request } from 'node:http';
import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';

/** Longer than anything may take. */
const GIVE_UP_MS = 3_000;

/** Longer bodies are shown by their beginning. */
const MAX_SHOWN = 500;
const SHOWN = 24;

interface Answer {
  status: number;
  contentType: string;
  body: string;
  ending: string;
}

function lineOf({ status, contentType, body, ending }: Answer): string {
  if (status === 0) return ending;
  if (!contentType.startsWith('application/problem+json'))
    return `${status} ${JSON.stringify(body.length > MAX_SHOWN ? `${body.slice(0, SHOWN)}…` : body)}, ${ending}`;
  return `${status} ${(JSON.parse(body) as { reason: string }).reason}`;
}

export interface AskOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** When the first bytes of the body are here. */
  onFirst?: () => void;
}

export function askHttp1(port: number, path: string, options: AskOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const answer: Answer = { status: 0, contentType: '', body: '', ending: 'cut' };
    const { method = 'GET', headers = {}, body, onFirst } = options;
    const sent = request({ port, host: '127.0.0.1', path, method, headers, agent: false });
    const timer = setTimeout(() => end('hangs'), GIVE_UP_MS);
    function end(ending: string): void {
      clearTimeout(timer);
      resolve(lineOf({ ...answer, ending }));
      sent.destroy();
    }
    sent.on('response', (response) => {
      answer.status = response.statusCode ?? 0;
      answer.contentType = response.headers['content-type'] ?? '';
      response.on('data', (chunk: Buffer) => {
        if (answer.body === '') onFirst?.();
        answer.body += chunk.toString();
      });
      response.on('error', () => end('cut'));
      response.on('end', () => end(response.complete ? 'whole' : 'cut'));
    });
    sent.on('error', () => end('cut'));
    sent.end(body);
  });
}

const RESET_NAMES = new Map(
  Object.entries(constants)
    .filter(([name]) => /^NGHTTP2_(NO_ERROR|PROTOCOL_ERROR|INTERNAL_ERROR|CANCEL|REFUSED_STREAM)$/.test(name))
    .map(([name, code]) => [code as number, name.replace('NGHTTP2_', '')]),
);

export function askHttp2(port: number, path: string, options: AskOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on('error', () => {});
    const { method = 'GET', headers = {}, body, onFirst } = options;
    const stream = session.request({ ':path': path, ':method': method, ...headers }, { endStream: body === undefined });
    const answer: Answer = { status: 0, contentType: '', body: '', ending: '' };
    let ended = false;
    const end = (ending: string): void => {
      clearTimeout(timer);
      resolve(lineOf({ ...answer, ending }));
      session.destroy();
    };
    const timer = setTimeout(() => end('hangs'), GIVE_UP_MS);
    stream.on('response', (head: IncomingHttpHeaders & { ':status'?: number }) => {
      answer.status = head[':status'] ?? 0;
      answer.contentType = head['content-type'] ?? '';
    });
    stream.on('data', (chunk: Buffer) => {
      if (answer.body === '') onFirst?.();
      answer.body += chunk.toString();
    });
    stream.on('error', () => {});
    stream.on('end', () => (ended = true));
    stream.on('close', () => {
      const { rstCode } = stream;
      if (session.destroyed) end('connection lost');
      else if (rstCode !== 0) end(`RST_STREAM ${RESET_NAMES.get(rstCode) ?? rstCode}`);
      else end(ended && !stream.aborted ? 'whole' : 'connection lost');
    });
    if (body !== undefined) stream.end(body);
  });
}

/** Sends the beginning of a request and then leaves, in whatever way. */
export function leaveHttp1(port: number, beginning: string, leave: (socket: Socket) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(beginning);
      setTimeout(() => leave(socket), 50);
    });
    socket.on('error', () => {}).on('close', () => resolve());
    socket.resume();
  });
}

type Http2Upload = ReturnType<ReturnType<typeof connectHttp2>['request']>;

export function leaveHttp2(
  port: number,
  path: string,
  headers: Record<string, string>,
  leave: (stream: Http2Upload) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on('error', () => {});
    const stream = session.request({ ':path': path, ':method': 'POST', ...headers });
    stream
      .on('error', () => {})
      .on('close', () => {
        session.destroy();
        resolve();
      });
    stream.resume();
    stream.write('ten bytes.');
    setTimeout(() => leave(stream), 50);
  });
}
