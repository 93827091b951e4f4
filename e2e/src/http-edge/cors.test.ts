// Cross-origin requests, as browsers send them: preflights, answers, and errors that pages can read.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openSession } from '../harness/http2-client.ts';
import { TestPod } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';

const H2C = ['--http2-enabled', 'true', '--http2-port', '0', '--http2-host', '127.0.0.1'];
const ORIGIN = 'https://shop.example.com';
let pod: TestPod & { sidecar: TestProcess; runtime: TestProcess };
beforeAll(async () => {
  pod = await TestPod.start({ project: 'edge', sidecarArgs: H2C });
});
afterAll(() => pod.end());

/** The fields of an answer that speak to browsers. */
function fieldsOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries(
    [...headers.entries()].filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
  );
}
const get = (
  path: string,
  origin?: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(pod.url + path, { ...init, headers: { ...(origin === undefined ? {} : { origin }), ...init.headers } });
const preflight = (path: string, method = 'GET', fields?: string, origin = ORIGIN): Promise<Response> => {
  const asked = fields === undefined ? {} : { 'access-control-request-headers': fields };
  return get(path, origin, { method: 'OPTIONS', headers: { 'access-control-request-method': method, ...asked } });
};
const ALLOWED = {
  'access-control-allow-origin': ORIGIN,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'x-count',
};

describe('a preflight', () => {
  it('is answered by the rule of the service, without the function', async () => {
    const answer = await preflight('/outcome/x', 'PUT', 'x-mine, authorization');
    expect([answer.status, await answer.text(), answer.headers.get('allow')]).toEqual([
      204,
      '',
      'GET, HEAD, OPTIONS, PUT',
    ]);
    expect(fieldsOf(answer)).toEqual({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type, x-mine',
      'access-control-max-age': '600',
      vary: 'origin',
    });
  });
  it('of a route with a rule of its own is answered by that: its methods, and the fields that are asked for', async () => {
    expect(fieldsOf(await preflight('/open/x', 'DELETE', 'authorization, x-any'))).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS',
      'access-control-allow-headers': 'authorization, x-any',
      'access-control-max-age': '0',
      vary: 'access-control-request-headers',
    });
  });
  it('of another origin, of a route without a rule and of no path get nothing of it', async () => {
    expect(fieldsOf(await preflight('/outcome/x', 'GET', 'x-mine', 'https://evil.example'))).toEqual({
      vary: 'origin',
    });
    const closed = await preflight('/data');
    expect([closed.status, fieldsOf(closed)]).toEqual([204, {}]);
    expect((await preflight('/nowhere')).status).toBe(404);
  });
  it('of a route for any method is not the function’s; one of a function for OPTIONS is', async () => {
    expect((await preflight('/any/x', 'PATCH')).status).toBe(204);
    const plain = await get('/any/x', undefined, { method: 'OPTIONS' });
    expect(await plain.text()).toBe('OPTIONS was run');
    const own = await preflight('/own/x');
    expect([await own.text(), fieldsOf(own)]).toEqual(['OPTIONS was run', { ...ALLOWED, vary: 'origin' }]);
  });
  it('waits for no place of the function', async () => {
    let isOver = false;
    const busy = get('/outcome/held?ms=2000', ORIGIN).then(({ status }) => {
      isOver = true;
      return status;
    });
    await pod.runtime.said('held'); // it has the only place
    expect([(await preflight('/outcome/x')).status, isOver]).toEqual([204, false]);
    expect(await busy).toBe(200);
  });
  it.each(['\u0001x', 'a\tb', 'x'.repeat(5_000), 'a:b'])(
    'with fields that are none gets none back (%#)',
    async (fields) => {
      const answer = await preflight('/open/x', 'GET', fields).catch(() => undefined);
      expect(answer?.headers.get('access-control-allow-headers') ?? null).toBeNull();
    },
  );
  it('is answered over HTTP/2 as well', async () => {
    const { http2Port } = await pod.sidecar.said('sidecar listens');
    const session = await openSession(`http://127.0.0.1:${String(http2Port)}`);
    const { status, headers } = await ask(session, '/outcome/x', {
      ':method': 'OPTIONS',
      origin: ORIGIN,
      'access-control-request-method': 'PUT',
    });
    session.destroy();
    expect([status, headers['access-control-allow-origin']]).toEqual([204, ORIGIN]);
  });
});

describe('origins', () => {
  it.each([
    [ORIGIN, true],
    ['https://a.b.example.com', true],
    ['http://localhost:5173', true],
    ['http://localhost', true],
    ['https://example.com', false],
    ['https://evilexample.com', false],
    ['http://shop.example.com', false],
    ['https://shop.example.com.evil.com', false],
    ['https://shop.example.com:444', false],
    ['https://evil.com/.example.com', false],
    ['https://evil.com#.example.com', false],
    ['http://localhost:99999999', false],
    ['http://localhost.evil.com', false],
    ['null', false],
    ['*', false],
    ['', false],
  ])('%s: %s', async (origin, isAllowed) => {
    const { headers } = await get('/outcome/x', origin);
    expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
      isAllowed ? origin : null,
      'origin',
    ]);
  });
});

describe('an answer', () => {
  it('says which page may read it, and that it depends on the page', async () => {
    const answer = await get('/outcome/x', ORIGIN);
    expect([answer.status, fieldsOf(answer)]).toEqual([200, { ...ALLOWED, vary: 'origin' }]);
    expect(fieldsOf(await get('/outcome/x'))).toEqual({ vary: 'origin' });
    expect(fieldsOf(await get('/open/x'))).toEqual({ 'access-control-allow-origin': '*' });
    expect(fieldsOf(await get('/data', ORIGIN))).toEqual({ vary: 'accept-encoding' });
  });
  it('says what the function says, where it does', async () => {
    expect(fieldsOf(await get('/outcome/self', ORIGIN))).toEqual({
      'access-control-allow-origin': 'https://its-own.example',
      vary: 'Accept',
    });
  });
  it.each([
    ['404 of the function', '/outcome/missing', 404],
    ['500', '/outcome/broken', 500],
    ['429', '/outcome/too-many', 429],
    ['504', '/hurry', 504],
    ['405', '/wait', 405, 'PUT'],
    ['404 of no path', '/nowhere', 404],
    ['400', '/outcome/x', 400, 'PUT', 'gzip', 'no gzip'],
    ['415', '/outcome/x', 415, 'PUT', 'x-own', 'what'],
  ])(
    'that is an error can be read: %s',
    async (_name, path, status, method = 'GET', coding?: string, body?: string) => {
      const headers: Record<string, string> = coding === undefined ? {} : { 'content-encoding': coding };
      const answer = await get(path, ORIGIN, { method, headers, ...(body === undefined ? {} : { body }) });
      expect([answer.status, fieldsOf(answer)]).toEqual([status, { ...ALLOWED, vary: 'origin' }]);
      expect(await answer.json()).toMatchObject({ status });
      expect(fieldsOf(await get(path, 'https://evil.example', { method }))).toMatchObject({ vary: 'origin' });
    },
  );
  it('that is 503, for want of a place, can be read', async () => {
    const full = await TestPod.start({ project: 'edge', sidecarArgs: ['--queue-max-waiting-per-function', '0'] });
    try {
      const held = fetch(`${full.url}/outcome/held`);
      await full.runtime.said('held');
      const answer = await fetch(`${full.url}/outcome/x`, { headers: { origin: ORIGIN } });
      expect([answer.status, fieldsOf(answer)]).toEqual([503, { ...ALLOWED, vary: 'origin' }]);
      expect(await answer.json()).toMatchObject({ status: 503, reason: 'overloaded' });
      expect((await held).status).toBe(200);
    } finally {
      await full.end();
    }
  });
  it('that is 503, for want of a function container, can be read', async () => {
    pod.runtime.kill('SIGKILL');
    await pod.runtime.exit();
    const answer = await get('/outcome/x', ORIGIN, { headers: { 'x-bottle-timeout-ms': '300' } });
    expect([answer.status, fieldsOf(answer)]).toEqual([503, { ...ALLOWED, vary: 'origin' }]);
    expect((await preflight('/outcome/x')).status).toBe(204);
  });
});
