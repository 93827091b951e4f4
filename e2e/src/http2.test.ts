import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, constants } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { certificates } from './contracts/certificates.ts';
import { ask, openSession } from './harness/http2-client.ts';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';
import type { TestProcess } from './harness/process.ts';
import { rawHttp } from './harness/raw-http.ts';

const LIMITS = ['--limits-max-body-bytes', '6000000', '--max-concurrent-streams', '50'];
const H2C = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
const run = promisify(execFile);

interface Seen {
  method: string;
  path: string;
  query: object;
  headers: Record<string, string | string[]>;
  event: unknown;
  rawHeaders: string[];
}
type StartedPod = TestPod & { sidecar: TestProcess; runtime: TestProcess };
interface AbortReport {
  count: number;
}

async function startPod(args: readonly string[]): Promise<{ pod: StartedPod; http2Port: number }> {
  const pod = await TestPod.start({ project: 'http', sidecarArgs: [...LIMITS, ...args] });
  const { http2Port } = await pod.sidecar.said('sidecar listens');
  return { pod, http2Port: Number(http2Port) };
}

const sessions: ClientHttp2Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});
async function session(url: string, ca?: string): Promise<ClientHttp2Session> {
  const opened = await openSession(url, ca);
  sessions.push(opened);
  return opened;
}

describe('HTTP/2 without TLS', () => {
  let pod: StartedPod;
  let url: string;
  beforeAll(async () => {
    const started = await startPod(H2C);
    pod = started.pod;
    url = `http://127.0.0.1:${started.http2Port}`;
  });
  afterAll(() => pod.end());

  it('hands the same request to the function as HTTP/1.1 does: no pseudo-headers, :authority as host', async () => {
    const client = await session(url);
    const { status, headers, body } = await ask(client, '/inspect/a%2Fb?x=1&x=2', {
      ':authority': 'Shop.example.com:81',
      'x-twice': ['one', 'two'],
      cookie: ['a=1', 'b=2'],
      te: 'trailers',
      'x-bottle-caller': 'me',
    });
    expect(status).toBe(200);
    expect(headers['connection']).toBeUndefined();
    const seen = JSON.parse(body.toString()) as Seen;
    expect(seen).toMatchObject({ method: 'GET', path: '/inspect/a%2Fb', query: { x: ['1', '2'] } });
    expect(seen.headers).toEqual({ host: 'Shop.example.com:81', 'x-twice': ['one', 'two'], cookie: 'a=1; b=2' });
    expect((await ask(client, '/hosted', { ':authority': 'SHOP.example.com:8080' })).body.toString()).toBe('the shop');
  });

  it.each([0, 1, 65_536, 131_073, 5_000_000])('carries %i bytes both ways, unchanged', async (length) => {
    const body = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
    const type = { 'content-type': 'application/octet-stream' };
    const answer = await ask(await session(url), '/bytes', { ':method': 'POST', ...type }, body);
    expect(answer.status).toBe(200);
    expect(answer.body.equals(body)).toBe(true);
  });

  it('answers HEAD, 204, errors, repeated and hop-by-hop response headers', async () => {
    const client = await session(url);
    const head = await ask(client, '/result/object', { ':method': 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '14', 0]);
    expect((await ask(client, '/result/null')).status).toBe(204);
    const { headers } = await ask(client, '/headers');
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2', 'c=3']);
    expect([headers['x-kept'], headers['transfer-encoding']]).toEqual(['yes', undefined]);
    const missing = await ask(client, '/nope');
    expect(missing.status).toBe(404);
    expect(JSON.parse(missing.body.toString())).toMatchObject({ reason: 'no-route', status: 404 });
    expect((await ask(client, '/order/%zz/line/1')).status).toBe(400);
    const options = await ask(client, '/order/latest/line/1', { ':method': 'OPTIONS' });
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });

  it('serves many requests on one connection at once', async () => {
    const client = await session(url);
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(client, '/sleep?ms=300')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('announces its limits: streams, size of the head, no push', async () => {
    const client = await session(url);
    if (client.pendingSettingsAck) await once(client, 'remoteSettings');
    expect(client.remoteSettings).toMatchObject({ maxConcurrentStreams: 50, maxHeaderListSize: 16_384 });
  });

  it('refuses a head over the limit, and serves other streams of the connection', async () => {
    const client = await session(url);
    const big = await ask(client, '/inspect', { 'x-big': 'x'.repeat(30_000) });
    expect([0, 431]).toContain(big.status);
    expect((await ask(await session(url), '/result/zero')).status).toBe(200);
  });

  it('refuses a body over the limit with 413, declared or not, and goes on serving the connection', async () => {
    const client = await session(url);
    const body = Buffer.alloc(6_000_001);
    const type = { 'content-type': 'application/octet-stream' };
    const length = { 'content-length': String(body.length) };
    for (const headers of [{ ...type, ...length }, type]) {
      expect((await ask(client, '/bytes', { ':method': 'POST', ...headers }, body)).status).toBe(413);
    }
    expect((await ask(client, '/result/zero')).status).toBe(200);
    const { functions } = await json<{ functions: { inFlight: number }[] }>(pod.admin('/functions'));
    expect(functions.every(({ inFlight }) => inFlight === 0)).toBe(true);
  });

  it('streams: a reader that stands still stops the function, one that leaves ends it', async () => {
    const client = await session(url);
    const state = () => json<{ chunks: number; ended: number }>(fetch(`${pod.url}/endless-state`));
    const stream = client.request({ ':path': '/endless' });
    await once(stream, 'response');
    stream.pause();
    let previous = -1;
    await waitFor(async () => {
      const { chunks } = await state();
      const stands = chunks === previous && chunks > 1;
      previous = chunks;
      return stands;
    }, 10_000);
    expect(previous * 16 * 1024).toBeLessThan(32 * 1024 * 1024);
    const { ended } = await state();
    stream.close(constants.NGHTTP2_CANCEL);
    await waitFor(async () => (await state()).ended === ended + 1, 5_000);
    expect((await ask(client, '/result/zero')).status).toBe(200);
  });

  it('sends server-sent events, and streams an upload', async () => {
    const client = await session(url);
    const events = await ask(client, '/sse');
    expect(events.body.toString()).toBe('event: first\nid: 1\ndata: {"n":1}\n\ndata: two\ndata: lines\n\n');
    const upload = await ask(client, '/upload', { ':method': 'POST' }, Buffer.alloc(3_000_000, 'u'));
    expect(JSON.parse(upload.body.toString())).toEqual({ length: 3_000_000 });
  });

  it('aborts the function when the client resets the stream, or its connection breaks', async () => {
    const count = async () => (await json<AbortReport>(fetch(`${pod.url}/aborts?report`))).count;
    const inFlight = () =>
      json<{ functions: { name: string; inFlight: number }[] }>(pod.admin('/functions')).then(({ functions }) =>
        functions.some(({ name, inFlight: now }) => name === 'aborts' && now === 1),
      );
    for (const leave of ['reset', 'break'] as const) {
      const before = await count();
      const client = await session(url);
      const stream = client.request({ ':path': '/aborts' });
      stream.on('error', () => {});
      await waitFor(inFlight, 5_000);
      if (leave === 'reset') stream.close(constants.NGHTTP2_CANCEL);
      else client.destroy();
      await expect.poll(count, { timeout: 5_000 }).toBe(before + 1);
    }
  });

  it('says 100 Continue when it wants the body', async () => {
    const client = await session(url);
    const stream = client.request(
      { ':method': 'POST', ':path': '/bytes', expect: '100-continue' },
      { endStream: false },
    );
    await once(stream, 'continue');
    stream.end('ok');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(200);
    stream.close();
  });

  it('ends connections that reset streams in masses, and stays well', async () => {
    const client = await session(url);
    const gone = new Promise<void>((resolve) => client.once('close', resolve));
    for (let turn = 0; turn < 200 && !client.destroyed; turn++) {
      for (let index = 0; index < 40 && !client.destroyed; index++) {
        const stream = client.request({ ':path': '/sleep?ms=1000' });
        stream.on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await gone;
    expect((await ask(await session(url), '/result/zero')).status).toBe(200);
    await waitFor(async () => {
      const { functions } = await json<{ functions: { inFlight: number }[] }>(pod.admin('/functions'));
      return functions.every(({ inFlight }) => inFlight === 0);
    }, 10_000);
  });

  it('takes a pool that cancels a hundred requests a second for what it is', { timeout: 120_000 }, async () => {
    const client = await session(url);
    // More than nghttp2's own bounds allow: a thousand at once, and 33 a second.
    for (let turn = 0; turn < 250; turn++) {
      for (let index = 0; index < 10; index++) {
        const stream = client.request({ ':path': '/sleep?ms=1000' });
        stream.on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(client.destroyed).toBe(false);
    expect((await ask(client, '/result/zero')).status).toBe(200);
  });

  it('closes a connection that does not speak HTTP/2, and leaves HTTP/1.1 to its own port', async () => {
    const socket = connectSocket(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    expect(await rawHttp(pod.port, [preface])).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${pod.url}/result/zero`)).status).toBe(200);
  });

  it('is counted and logged like every request', async () => {
    expect((await ask(await session(url), '/inspect/logged-over-http2')).status).toBe(200);
    const line = await pod.sidecar.line((fields) => fields['path'] === '/inspect/logged-over-http2');
    expect(line).toMatchObject({ status: 200, function: 'inspect', method: 'GET' });
    expect(line['bytes']).toBeGreaterThan(0);
  });

  it('serves curl by prior knowledge', async () => {
    const { stdout } = await run('curl', [
      '-s',
      '--http2-prior-knowledge',
      '-w',
      '%{http_version}',
      `${url}/result/text`,
    ]);
    expect(stdout).toBe('grüße2');
  });
});

describe('HTTP/2 with TLS', () => {
  const { ca, cert, key, remove } = certificates();
  const folder = mkdtempSync(join(tmpdir(), 'bottle-http2-'));
  let pod: StartedPod;
  let url: string;
  beforeAll(async () => {
    const config = join(folder, 'sidecar.yml');
    for (const [name, text] of [
      ['cert', cert],
      ['key', key],
    ] as const)
      writeFileSync(join(folder, name), text);
    const tls = { cert: `\${file:${join(folder, 'cert')}}`, key: `\${file:${join(folder, 'key')}}` };
    writeFileSync(config, JSON.stringify({ http: { tls } }));
    ({ pod } = await startPod(['--config', config]));
    url = `https://localhost:${pod.port}`;
  });
  afterAll(async () => {
    await pod.end();
    remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is chosen by ALPN where the client speaks it', async () => {
    const client = await session(url, ca);
    expect(client.alpnProtocol).toBe('h2');
    const post = { ':method': 'POST', 'content-type': 'application/json' };
    const { status, body } = await ask(client, '/inspect', post, '{"a":1}');
    expect(status).toBe(200);
    expect((JSON.parse(body.toString()) as Seen).event).toEqual({ a: 1 });
  });

  it('falls back to HTTP/1.1 with keep-alive, pipelining limits and 413 as ever', async () => {
    const request = (path: string, body?: Buffer) =>
      new Promise<{ status: number; version: string; text: string }>((resolve, reject) => {
        const options = { ca, method: body ? 'POST' : 'GET', ALPNProtocols: ['http/1.1'] };
        const sent = httpsRequest(url + path, options, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, version: response.httpVersion, text }));
        });
        sent.on('error', reject);
        sent.end(body);
      });
    expect(await request('/result/text')).toEqual({ status: 200, version: '1.1', text: 'grüße' });
    expect((await request('/bytes', Buffer.alloc(6_000_001))).status).toBe(413);
  });

  it('refuses plain HTTP and clients that do not trust it, and stays well', async () => {
    expect(await rawHttp(pod.port, ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'])).toBe('');
    await expect(fetch(`${url}/result/zero`)).rejects.toThrow('fetch failed');
    expect((await ask(await session(url, ca), '/result/zero')).status).toBe(200);
  });

  it('serves curl in both versions', async () => {
    const caFile = join(folder, 'cert');
    const version = async (...flags: string[]) =>
      (await run('curl', ['-s', '--cacert', caFile, ...flags, '-w', ' %{http_version}', `${url}/result/zero`])).stdout;
    expect(await version('--http2')).toBe('0 2');
    expect(await version('--http1.1')).toBe('0 1.1');
  });
});

describe('a drain of HTTP/2', () => {
  it('finishes what runs, tells clients to go (GOAWAY), and loses nothing', async () => {
    const { pod, http2Port } = await startPod([...H2C, '--drain-propagation-ms', '300', '--drain-budget-ms', '10000']);
    try {
      const url = `http://127.0.0.1:${http2Port}`;
      const client = await session(url);
      const goaway = once(client, 'goaway');
      const running = Array.from({ length: 20 }, () => ask(client, '/sleep?ms=1500'));
      expect((await ask(client, '/result/zero')).status).toBe(200);
      pod.sidecar.kill('SIGTERM');
      const [code] = (await goaway) as [number];
      expect(code).toBe(constants.NGHTTP2_NO_ERROR);
      const late = await session(url); // load balancers have not learnt of it yet
      expect((await ask(late, '/result/zero')).status).toBe(200);
      expect((await Promise.all(running)).map(({ status }) => status)).toEqual(running.map(() => 200));
      expect(await pod.sidecar.exit()).toBe(0);
    } finally {
      await pod.end();
    }
  });
});
