// Questions about the server, clients that half-close, and bodies that are not what their head says.
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession } from '../harness/http2-client.ts';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { rawHttp } from '../harness/raw-http.ts';

const H2C = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
let pod: TestPod & { sidecar: TestProcess };
let http2: string;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'edge', sidecarArgs: H2C });
  const { http2Port } = await pod.sidecar.said('sidecar listens');
  http2 = `http://127.0.0.1:${String(http2Port)}`;
});
afterAll(() => pod.end());

const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';
const send = (head: string): Promise<string> => rawHttp(pod.port, [`${head}\r\nHost: a\r\nConnection: close\r\n\r\n`]);

describe('OPTIONS *', () => {
  it('is answered with the methods of the server, by both versions', async () => {
    const answer = await send('OPTIONS * HTTP/1.1');
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toContain(`allow: ${METHODS}\r\n`);
    const session = await openSession(http2);
    const { status, headers } = await ask(session, '*', { ':method': 'OPTIONS' });
    session.destroy();
    expect([status, headers['allow']]).toEqual([204, METHODS]);
  });
  it('is the only request for "*"', async () => {
    expect(await send('GET * HTTP/1.1')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('CONNECT', () => {
  it('is 501 and the end of the connection, or of the stream', async () => {
    const answer = await rawHttp(pod.port, [
      'CONNECT db:3306 HTTP/1.1\r\nHost: db:3306\r\n\r\n',
      'bytes for the tunnel',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\nconnection: close\r\n/);
    expect(answer).toContain('"reason":"connect-refused"');
    const session = await openSession(http2);
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'db:3306' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    stream.close();
    session.destroy();
    expect(headers[':status']).toBe(501);
  });
  it.each(['/wait', '/endless'])('is no answer to a request before it: %s', async (path) => {
    const tunnel = 'CONNECT db:3306 HTTP/1.1\r\nHost: db:3306\r\n\r\n';
    const answer = await rawHttp(pod.port, [`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`, tunnel], { pauseMs: 100 });
    expect(answer).not.toContain('connect-refused');
  });
});

/** Sends bytes and a FIN, and collects what comes back. */
function halfClose(bytes: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect({ port: pod.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(bytes);
  const answer = (async () => {
    let received = '';
    for await (const piece of socket) received += (piece as Buffer).toString('latin1');
    return received;
  })();
  return { socket, answer };
}
const report = () => json<{ waiting: number; aborted: number }>(fetch(`${pod.url}/wait?report`));

describe('a client that closes its side after its request', () => {
  it.each(['/data', '/data?bytes=900000', '/trickle?ms=50', '/wait?ms=100'])('is answered: %s', async (path) => {
    const answer = await halfClose(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).answer;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/,\n|ng",|three\n\r\n0\r\n\r\n$|waited$/);
  });
  it('is answered after a while, and its function runs on', async () => {
    const answer = await halfClose('GET /wait?ms=3000 HTTP/1.1\r\nHost: a\r\n\r\n').answer;
    const last = answer.lastIndexOf('HTTP/1.1 ');
    expect(answer.slice(last)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nwaited$/);
    // Interim answers ask whether it is there; a client of HTTP/1.1 skips them.
    expect(answer.slice(0, last).replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '')).toBe('');
  });
  it('is answered by HTTP/1.0, without interim answers', async () => {
    const answer = await halfClose('GET /wait?ms=800 HTTP/1.0\r\n\r\n').answer;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*waited$/);
  });
  it('gets the answers to all that it has sent', async () => {
    const three = 'GET /wait?ms=400 HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3);
    expect((await halfClose(three).answer).match(/waited/g)).toHaveLength(3);
  });
  it('and then leaves is noticed: the function is aborted', async () => {
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const { aborted } = await report();
      const { socket, answer } = halfClose('GET /wait?ms=20000 HTTP/1.1\r\nHost: a\r\n\r\n');
      answer.catch(() => {});
      await waitFor(async () => (await report()).waiting === 1, 5_000);
      socket[leave]();
      await expect.poll(async () => (await report()).aborted, { timeout: 6_000 }).toBe(aborted + 1);
    }
  });
  it('leaves no connection behind when nothing was asked', async () => {
    const { answer } = halfClose('');
    expect(await answer).toBe('');
    const cut = halfClose('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nten bytes.');
    await cut.answer.catch(() => {});
    expect((await fetch(`${pod.url}/data`)).status).toBe(200);
  });
});

describe('a client that leaves', () => {
  it('is noticed within a second, whether it resets or only closes', async () => {
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const { aborted } = await report();
      const socket = connect(pod.port, '127.0.0.1');
      socket.write('GET /wait?ms=20000 HTTP/1.1\r\nHost: a\r\n\r\n');
      await waitFor(async () => (await report()).waiting === 1, 5_000);
      socket[leave]();
      const startedAt = performance.now();
      await waitFor(async () => (await report()).aborted === aborted + 1, 5_000);
      expect(performance.now() - startedAt).toBeLessThan(1_500);
    }
  });
  it('in the middle of a stream ends it at once', async () => {
    const before = (await json<{ ended: number }>(fetch(`${pod.url}/produced`))).ended;
    const socket = connect(pod.port, '127.0.0.1');
    socket.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    const ended = async () => (await json<{ ended: number }>(fetch(`${pod.url}/produced`))).ended;
    await expect.poll(ended, { timeout: 3_000 }).toBe(before + 1);
  });
});

/** Reads as a strict client does: a head, and as many bytes as it says. */
function answersIn(text: string): { status: number; body: string }[] {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return [];
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  const body = text.slice(end + 4, end + 4 + length);
  return [{ status, body }, ...answersIn(text.slice(end + 4 + length))];
}

it('a connection lives on after a request whose body nobody wanted', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  /** Over which connection, by its client's port. */
  const portOf = async (method: string, body: Buffer): Promise<number | undefined> => {
    const sent = request(`${pod.url}/nowhere`, { method, agent, headers: { 'content-length': body.length } });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(404);
    const { localPort } = answer.socket; // before it is given back
    await once(answer.resume(), 'close');
    return localPort;
  };
  const first = await portOf('POST', Buffer.alloc(3_000_000));
  for (const until = performance.now() + 5_500; performance.now() < until; await delay(100))
    expect(await portOf('GET', Buffer.alloc(0))).toBe(first);
  agent.destroy();
});

describe('lengths are ours', () => {
  const pipelined = (kind: string): Promise<string> =>
    rawHttp(pod.port, [
      `GET /lengths/${kind} HTTP/1.1\r\nHost: a\r\n\r\nGET /wait?ms=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ]);
  it.each(['response-longer', 'stream-longer', 'no-number'])(
    'what a declared length denies is never taken for the next answer: %s',
    async (kind) => {
      const answers = answersIn(await pipelined(kind));
      expect(answers).toHaveLength(2);
      expect(answers[1]).toEqual({ status: 200, body: 'waited' });
    },
  );
  it('a body that is shorter than declared cuts the connection', async () => {
    const answer = await pipelined('stream-shorter');
    expect(answer).toContain('content-length: 30\r\n');
    expect(answer.endsWith('\r\n\r\nabc')).toBe(true);
  });
  it.each([
    ['not-modified', 304, undefined],
    ['no-content', 204, undefined],
    ['reset-content', 205, '0'],
  ])('%s has no body, whatever it says', async (kind, status, length) => {
    const answer = await pipelined(kind);
    const [head = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(/content-length: (\d+)/i.exec(head)?.[1]).toBe(length);
    expect(answer.slice(head.length)).toMatch(/^\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*waited$/);
  });
  it('fields of one connection do not pass, nor those that an answer names as such', async () => {
    const answer = (await send('GET /lengths/hop HTTP/1.1')).toLowerCase();
    expect(answer).toContain('x-end-to-end: 1');
    for (const name of ['x-own-hop', 'keep-alive', 'proxy-authenticate', 'te', 'trailer', 'upgrade']) {
      expect(answer).not.toContain(`\r\n${name}:`);
    }
  });
});
