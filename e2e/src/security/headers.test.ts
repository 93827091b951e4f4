// What a request can make the platform and functions believe, and what a function can make a response be.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod } from '../harness/pod.ts';
import { rawHttp } from '../harness/raw-http.ts';

let pod: TestPod;
beforeAll(async () => {
  pod = await TestPod.start({ project: 'intruder' });
});
afterAll(() => pod.end());

const inspect = (headers: Record<string, string>) => json(fetch(`${pod.url}/inspect`, { headers }));
const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

describe('requests', () => {
  it('cannot bring fields of the platform: caller, invocation, anything with x-bottle-', async () => {
    const forged = {
      'x-bottle-caller': 'checkout',
      'X-Bottle-Invocation-Id': 'f'.repeat(32),
      'x-bottle-anything': '1',
      caller: 'checkout',
    };
    const seen = await inspect(forged);
    expect(seen).toMatchObject({ caller: '' });
    expect(seen['requestId']).toMatch(/^[0-9a-f]{32}$/);
    expect(seen['requestId']).not.toBe('f'.repeat(32));
    const names = Object.keys(seen['headers'] as object);
    expect(names.filter((name) => name.startsWith('x-bottle-'))).toEqual([]);
  });
  it('cannot choose their address: ctx.ip is the peer’s, x-forwarded-for is only a header', async () => {
    const forged = { 'x-forwarded-for': '10.9.8.7', 'x-real-ip': '10.9.8.7', forwarded: 'for=10.9.8.7' };
    const seen = await inspect(forged);
    expect(seen['ip']).toMatch(/127\.0\.0\.1$/);
    expect(seen['headers']).toMatchObject({ 'x-forwarded-for': '10.9.8.7' });
  });
  it('cannot choose their host: x-forwarded-host is only a header', async () => {
    const response = await fetch(`${pod.url}/hosted`, { headers: { 'x-forwarded-host': 'shop.example.com' } });
    expect(response.status).toBe(404);
  });
  it('continue a valid trace, and begin a new one where theirs is none', async () => {
    expect((await inspect({ traceparent: TRACE }))['traceparent']).toContain('a'.repeat(32));
    const wrong = ['x', `${TRACE}, ${TRACE}`, TRACE.replace('00-', 'ff-'), `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`];
    for (const traceparent of wrong) {
      const seen = await inspect({ traceparent });
      expect(seen['traceparent']).toBe(`00-${String(seen['requestId'])}-${String(seen['traceparent']).slice(36)}`);
    }
  });
  it('lose baggage that is too much', async () => {
    expect((await inspect({ baggage: 'tenant=acme' }))['baggage']).toBe('tenant=acme');
    expect((await inspect({ baggage: `a=${'b'.repeat(9_000)}` }))['baggage']).toBe('');
    expect((await inspect({ baggage: Array(70).fill('a=b').join() }))['baggage']).toBe('');
  });
  it('can lower their deadline and never raise it', async () => {
    const ask = async (ms: string, timeout: string): Promise<number> =>
      (await fetch(`${pod.url}/hold?ms=${ms}`, { headers: { 'x-bottle-timeout-ms': timeout } })).status;
    expect(await ask('2000', '50')).toBe(504);
    expect(await ask('0', '999999999')).toBe(200);
  });
  it('are refused when their head is larger than limits.maxHeaderBytes', async () => {
    const lines = Array.from({ length: 400 }, (_, at) => `X-${at}: ${'v'.repeat(50)}`);
    const answer = await rawHttp(pod.port, [['GET /inspect HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n')]);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('responses', () => {
  const ask = (kind: string): Promise<string> =>
    rawHttp(pod.port, [`GET /split/${kind} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]);
  it.each(['value', 'name', 'type', 'raw-value', 'raw-name', 'raw-lf', 'status'])(
    'with a line break in a field (%s) are a 500 and not two responses',
    async (kind) => {
      const answer = await ask(kind);
      expect(answer).toMatch(/^HTTP\/1\.1 500 /);
      expect(answer.toLowerCase()).not.toContain('set-cookie');
      expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    },
  );
  it('escape what a cookie holds', async () => {
    const answer = await ask('cookie');
    expect(answer.match(/^set-cookie:/gim)).toHaveLength(1);
    expect(answer).toContain('sid=a%0D%0Aset-cookie%3A%20injected%3D1%3B%20b; Path=/; HttpOnly');
  });
  it.each(['length', 'chunked'])('have the length of their body, whatever the function says (%s)', async (kind) => {
    const answer = await ask(kind);
    expect(answer.match(/content-length: 4\r\n/gi)).toHaveLength(1);
    expect(answer.toLowerCase()).not.toContain('transfer-encoding');
    expect(answer.endsWith('\r\n\r\nbody')).toBe(true);
  });
  it('carry no fields of the platform', async () => {
    const answer = await ask('fine');
    expect(answer).toContain('x-mine: fine');
    expect(answer).not.toContain('x-bottle-internal');
  });
});
