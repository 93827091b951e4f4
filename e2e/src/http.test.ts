import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';
import { rawHttp } from './harness/raw-http.ts';

let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({
    project: 'http',
    sidecarArgs: ['--limits-headers-timeout-ms', '1500', '--limits-max-body-bytes', '6000000'],
  });
});
afterAll(() => pod.end());

interface AbortReport {
  count: number;
  reasons: string[];
}
interface Functions {
  service: string;
  connected: boolean;
  functions: { name: string; inFlight: number }[];
}
const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${pod.url}${path}`, init);
const head = (path: string, lines: readonly string[] = []): string =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');

describe('routes', () => {
  it('prefers static segments to parameters to wildcards', async () => {
    expect(await (await get('/order/latest/line/1')).text()).toBe('static');
    expect(await (await get('/order/7/line/2')).json()).toEqual({ params: { id: '7', line: '2' } });
    expect(await (await get('/order/7/other')).json()).toEqual({ params: { '*': '7/other' } });
  });
  it('decodes parameters and keeps an encoded slash inside its segment', async () => {
    expect(await (await get('/order/a%2Fb%20%C3%BC/line/%25')).json()).toEqual({ params: { id: 'a/b ü', line: '%' } });
  });
  it('answers a malformed path with 400', async () => {
    const answer = await rawHttp(pod.port, [head('/order/%zz/line/1', ['Connection: close'])]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"reason":"bad-url"');
  });
  it('takes the host into account, without its port and in any case', async () => {
    const ask = (host: string) =>
      rawHttp(pod.port, [`GET /hosted HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`]);
    expect(await ask('SHOP.example.com:8080')).toContain('the shop');
    expect(await ask('other.example.com')).toContain('anybody');
  });
  it('answers an unknown path with 404 and a problem document', async () => {
    const response = await get('/nope');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await json(response);
    expect(problem).toMatchObject({ status: 404, title: 'Not Found', code: 'NOT_FOUND', reason: 'no-route' });
    expect(problem['invocationId']).toMatch(/^[0-9a-f]{32}$/);
  });
  it('answers a wrong method with 405 and Allow, and OPTIONS by itself', async () => {
    const wrong = await get('/post-only');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'OPTIONS, POST, PUT']);
    const options = await get('/order/latest/line/1', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  });
  it('answers HEAD by the GET function, with its length and without its body', async () => {
    const response = await get('/result/object', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength('{"a":[1,"ü"]}')));
    expect(await response.text()).toBe('');
  });
});

describe('requests', () => {
  it('hands over repeated query keys and headers', async () => {
    const answer = await rawHttp(pod.port, [
      head('/inspect?a=1&a=2&b=%20+', ['X-Twice: one', 'x-twice: two', 'Connection: close']),
    ]);
    const seen = JSON.parse(answer.slice(answer.indexOf('{'))) as Record<string, Record<string, unknown>>;
    expect(seen['query']).toEqual({ a: ['1', '2'], b: '  ' });
    expect(seen['headers']?.['x-twice']).toEqual(['one', 'two']);
  });
  it('keeps hop-by-hop fields, those that Connection names, and reserved ones to itself', async () => {
    const lines = [
      'Connection: close, X-Private',
      'X-Private: 1',
      'Keep-Alive: 5',
      'TE: trailers',
      'X-Bottle-Caller: me',
      'X-Mine: 2',
    ];
    const answer = await rawHttp(pod.port, [head('/inspect', lines)]);
    const seen = JSON.parse(answer.slice(answer.indexOf('{'))) as { headers: object };
    expect(Object.keys(seen.headers).sort()).toEqual(['host', 'x-mine']);
  });
  it.each([0, 1, 65_536, 131_071, 131_072, 131_073, 5_000_000])(
    'carries %i bytes both ways, unchanged',
    async (length) => {
      const body = Buffer.from(Array.from({ length }, (_, index) => (index * 7) % 256));
      const response = await get('/bytes', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/octet-stream' },
      });
      expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
    },
  );
  it('decodes JSON, forms and text, and refuses broken JSON with 400', async () => {
    const post = async (body: string, type: string) =>
      json(get('/inspect', { method: 'POST', body, headers: { 'content-type': type } }));
    expect((await post('{"a":1}', 'application/json'))['event']).toEqual({ a: 1 });
    expect((await post('a=1&a=2', 'application/x-www-form-urlencoded'))['event']).toEqual({ a: ['1', '2'] });
    expect((await post('hi', 'text/plain'))['event']).toBe('hi');
    expect(await post('{', 'application/json')).toMatchObject({ status: 400, reason: 'invalid-json' });
  });
  it('streams a chunked upload', async () => {
    const chunk = Buffer.alloc(100_000, 'u');
    const body = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 30; sent++) controller.enqueue(chunk);
        controller.close();
      },
    });
    const response = await get('/upload', { method: 'POST', body, duplex: 'half' });
    expect(await response.json()).toEqual({ length: 3_000_000 });
  });
  it('says 100 Continue when it wants the body, and 413 without it', async () => {
    const expectHead = (length: number) =>
      `POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    expect(await rawHttp(pod.port, [expectHead(2), 'ok'], { pauseMs: 100 })).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/,
    );
    expect(await rawHttp(pod.port, [expectHead(7_000_000)])).toMatch(/^HTTP\/1\.1 413 /);
  });
  it('answers pipelined requests in order', async () => {
    const answer = await rawHttp(pod.port, [
      head('/result/zero') + head('/order/latest/line/1', ['Connection: close']),
    ]);
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(answer.indexOf('\r\n\r\n0')).toBeLessThan(answer.indexOf('static'));
  });
});

describe('results', () => {
  it.each([
    ['zero', 200, 'application/json; charset=utf-8', '0'],
    ['empty', 200, 'text/plain; charset=utf-8', ''],
    ['no', 200, 'application/json; charset=utf-8', 'false'],
    ['null', 204, null, ''],
    ['undefined', 204, null, ''],
    ['text', 200, 'text/plain; charset=utf-8', 'grüße'],
    ['object', 200, 'application/json; charset=utf-8', '{"a":[1,"ü"]}'],
    ['stream', 200, 'application/octet-stream', 'stream'],
    ['response', 202, 'text/x-own', 'own'],
  ])('%s is %i %s', async (kind, status, type, text) => {
    const response = await get(`/result/${kind}`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      text,
    ]);
  });
  it('refuses a result that has no form with 500', async () => {
    expect(await (await get('/result/symbol')).json()).toMatchObject({ status: 500, reason: 'function-error' });
  });
  it('sends every Set-Cookie and no hop-by-hop field', async () => {
    const response = await get('/headers');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2', 'c=3']);
    expect(response.headers.get('x-kept')).toBe('yes');
    expect(response.headers.get('content-length')).toBe('2');
    expect((await get('/result/response')).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
  it('sends server-sent events', async () => {
    const response = await get('/sse');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toBe('event: first\nid: 1\ndata: {"n":1}\n\ndata: two\ndata: lines\n\n');
  });
  it('takes callback-style handlers', async () => {
    expect(await (await get('/callback')).json()).toEqual({ via: 'callback' });
  });
  it('calls another function of the pod through the sidecar', async () => {
    expect(await (await get('/caller')).json()).toEqual({ answer: { doubled: 42, caller: 'caller' } });
  });
});

describe('errors', () => {
  it('shows typed errors, and of others nothing', async () => {
    const typed = await (await get('/failing/typed')).json();
    expect(typed).toMatchObject({ status: 409, code: 'ALREADY_EXISTS', reason: 'taken', details: { owner: 'ada' } });
    expect(await (await get('/failing/status')).json()).toMatchObject({ status: 418, detail: 'teapot' });
    const other = await (await get('/failing/other')).text();
    expect(other).toContain('internal error');
    expect(other).not.toContain('secret');
  });
  it.each(['rejection', 'uncaught'])('blames a stray %s on its own invocation and no other', async (kind) => {
    const [blamed, ...others] = await Promise.all([
      get(`/failing/${kind}`),
      ...Array.from({ length: 8 }, () => get('/sleep?ms=300')),
    ]);
    expect(blamed?.status).toBe(500);
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 200));
  });
});

describe('limits', () => {
  it('lowers the deadline by a header, and aborts the function', async () => {
    const own = await get('/aborts', { headers: { 'x-bottle-timeout-ms': '150' } });
    const grpc = await get('/aborts', { headers: { 'grpc-timeout': '100m' } });
    expect([own.status, grpc.status]).toEqual([504, 504]);
    await waitFor(
      async () =>
        (await json<AbortReport>(get('/aborts?report'))).reasons.join() === 'DEADLINE_EXCEEDED,DEADLINE_EXCEEDED',
      5_000,
    );
  });
  it('aborts the function when the client leaves', async () => {
    const before = (await json<AbortReport>(get('/aborts?report'))).count;
    const leaving = new AbortController();
    const asked = get('/aborts', { signal: leaving.signal });
    await waitFor(
      async () =>
        (await json<Functions>(pod.admin('/functions'))).functions.some((f) => f.name === 'aborts' && f.inFlight === 1),
      5_000,
    );
    leaving.abort();
    await expect(asked).rejects.toThrow('aborted');
    await waitFor(async () => (await json<AbortReport>(get('/aborts?report'))).count === before + 1, 5_000);
  });
  it('makes requests wait for a place; who gets none in time is refused, as it never began', async () => {
    const first = get('/narrow?ms=600');
    const second = get('/narrow?ms=1');
    const third = get('/narrow?ms=1', { headers: { 'x-bottle-timeout-ms': '200' } });
    expect((await third).headers.get('retry-after')).toBe('1');
    expect(await (await third).json()).toMatchObject({
      status: 503,
      reason: 'overloaded',
      details: { started: false },
    });
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });
  it('refuses a body over the limit with 413, declared or not', async () => {
    const tooMuch = Buffer.alloc(6_000_001);
    expect((await get('/bytes', { method: 'POST', body: tooMuch })).status).toBe(413);
    const chunked = `POST /bytes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = Buffer.concat([Buffer.from('5b8d81\r\n'), tooMuch, Buffer.from('\r\n0\r\n\r\n')]);
    expect(await rawHttp(pod.port, [chunked, chunk], { until: (text) => text.includes('}') })).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });
  it('refuses an oversized head with 431, a slow one with 408, and what is no HTTP with 400', async () => {
    expect(await rawHttp(pod.port, [head('/inspect', [`X-Big: ${'x'.repeat(20_000)}`])])).toMatch(/^HTTP\/1\.1 431 /);
    expect(await rawHttp(pod.port, ['GET /inspect HTTP/1.1\r\nHost:'])).toMatch(/^HTTP\/1\.1 408 /);
    expect(await rawHttp(pod.port, ['this is not http\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400 /);
  });
  it('gives a body that arrives a byte at a time 408 at the deadline, without holding a place', async () => {
    const start = 'POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nX-Bottle-Timeout-Ms: 700\r\n\r\n';
    const answer = await rawHttp(pod.port, [start, ...Array.from({ length: 16 }, () => 'x')], { pauseMs: 100 });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"reason":"body-timeout"');
  });
});

describe('streams', () => {
  it('stops producing while the reader does not read, and ends when it leaves', async () => {
    const request = httpRequest(`${pod.url}/endless`).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    const state = () => json<{ chunks: number; ended: number }>(get('/endless-state'));
    let previous = -1;
    await waitFor(async () => {
      const { chunks } = await state();
      const stands = chunks === previous && chunks > 1;
      previous = chunks;
      return stands;
    }, 10_000);
    expect(previous * 16 * 1024).toBeLessThan(32 * 1024 * 1024);
    const { ended } = await state();
    request.on('error', () => {}).destroy();
    await waitFor(async () => (await state()).ended === ended + 1, 5_000);
  });
});

describe('admin', () => {
  it('describes functions, counts requests and invokes by name', async () => {
    const { service, connected, functions } = await json<Functions>(pod.admin('/functions'));
    expect([service, connected, functions.length]).toEqual(['e2e-http', true, 21]);
    const count = async (): Promise<number> =>
      Number(
        /^bottle_requests_total\{function="postOnly",status="200"\} (\d+)$/m.exec(
          await (await pod.admin('/metrics')).text(),
        )?.[1] ?? 0,
      );
    const before = await count();
    await get('/post-only', { method: 'POST' });
    expect(await count()).toBe(before + 1);
    const invoked = await pod.admin('/functions/doubled/invoke', {
      method: 'POST',
      body: '{"n":4}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await invoked.json()).toEqual({ doubled: 8, caller: '' });
    expect((await pod.admin('/functions/nobody/invoke', { method: 'POST' })).status).toBe(404);
    expect((await pod.admin('/livez')).status).toBe(200);
    expect((await pod.admin('/function/live')).status).toBe(200);
  });
  it('lets wait-drained go when no drain begins', async () => {
    expect(await (await pod.admin('/wait-drained')).json()).toMatchObject({ drained: false });
    expect((await pod.admin('/readyz')).status).toBe(200);
  });
});
