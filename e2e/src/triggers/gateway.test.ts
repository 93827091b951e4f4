import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type TestServer } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { APP, callSigned, prepare, SECRET, type SignedCall, transmit } from './signed-client.ts';

const WINDOW_MS = 60_000;
const OLD_SECRET = 'the secret of yesterday';

const folder = mkdtempSync(join(tmpdir(), 'bottle-gateway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type StartedPod = TestPod & { sidecar: TestProcess; runtime: TestProcess };

function startPod(resources: object): Promise<StartedPod> {
  const config = join(folder, `${randomUUID()}.yml`);
  const gateway = {
    windowMs: WINDOW_MS,
    apps: { [APP]: { secret: [SECRET, OLD_SECRET] }, other: { secret: '${OTHER}' } },
  };
  writeFileSync(config, JSON.stringify({ gateway, resources, limits: { maxBodyBytes: 400_000 } }));
  const env = { OTHER: 'the secret of another app' };
  return TestPod.start({ project: 'gateway', sidecarArgs: ['--config', config], env });
}

function redisCaches(url: string, keyPrefix: string): object {
  const driver = { driver: 'redis', url, keyPrefix };
  return { cache: { gateway: driver, sessions: driver, idempotency: driver } };
}

describe.skipIf(inject('redisUrl') === undefined)('the signed gateway on Redis', () => {
  let pods: [StartedPod, StartedPod];
  let pod: StartedPod;
  beforeAll(async () => {
    const resources = redisCaches(inject('redisUrl') ?? '', `gateway-${process.pid}:`);
    pods = await Promise.all([startPod(resources), startPod(resources)]);
    [pod] = pods;
  });
  afterAll(() => Promise.all(pods.map((each) => each.end())));
  const call = (given?: SignedCall) => callSigned(pod.url, given);

  describe('a request that is right', () => {
    it('reaches the function of its version with app and device; its answer is an envelope, and signed', async () => {
      const answer = await call({ body: '{"a":[1,"ü"]}', device: 'iphone-17', version: '2.0' });
      expect(answer).toMatchObject({ status: 200, signed: true, api: 'test.echo', v: '2.0', ret: { code: 'ok' } });
      expect(answer.data).toEqual({
        event: { a: [1, 'ü'] },
        gateway: { api: 'test.echo', version: '2.0', appKey: APP, device: 'iphone-17' },
        trigger: 'gateway',
        requestId: answer.requestId,
      });
      expect(Math.abs(answer.serverTime - Date.now())).toBeLessThan(5_000);
      const line = await pod.sidecar.line((fields) => fields['invocationId'] === answer.requestId);
      expect(line).toMatchObject({ function: 'echo', status: 200, path: '/gw/test.echo/2.0' });
    });
    it('may be signed with any secret of its app, by any app that is configured', async () => {
      expect((await call({ secret: OLD_SECRET })).status).toBe(200);
      expect((await call({ app: 'other', secret: 'the secret of another app' })).data).toMatchObject({
        gateway: { appKey: 'other' },
      });
    });
    it('of 300 kB, larger than a frame of the channel, arrives whole', async () => {
      const body = JSON.stringify('x'.repeat(300_000));
      expect((await call({ body })).data).toMatchObject({ event: JSON.parse(body) as string });
    });
    it.each([
      ['nothing', null],
      ['text', 'grüße'],
      ['list', [1, { a: null }]],
    ])('gets what its function returns as data: %s', async (kind, data) => {
      const answer = await call({ api: 'test.results', body: JSON.stringify({ kind }) });
      expect(answer).toMatchObject({ status: 200, signed: true, ret: { code: 'ok', message: 'success' }, data });
    });
    it.each([
      ['typed', 409, { code: 'out-of-stock', message: 'none left', details: { left: 0 } }],
      ['crash', 500, { code: 'function-error', message: 'internal error' }],
      ['bytes', 500, { code: 'result-not-json' }],
      ['busy', 503, { code: 'busy' }],
    ])('gets the error of its function in the same envelope: %s', async (kind, status, ret) => {
      const answer = await call({ api: 'test.results', body: JSON.stringify({ kind }) });
      expect(answer).toMatchObject({ status, signed: true, ret, data: null, api: 'test.results', v: '1.0' });
      expect(answer.headers.get('retry-after')).toBe(kind === 'busy' ? '7' : null);
    });
  });

  describe('a request is refused, each time with a code of its own', () => {
    const refused = async (answer: ReturnType<typeof callSigned>): Promise<string> => {
      const { status, ret, data, signed: _signed, requestId } = await answer;
      expect(data).toBeNull();
      expect(requestId).toMatch(/^[0-9a-f]{32}$/);
      return `${status} ${ret.code}`;
    };
    const tampered = (change: (prepared: ReturnType<typeof prepare>) => void, given: SignedCall = {}) => {
      const prepared = prepare(given);
      change(prepared);
      return transmit(pod.url, prepared);
    };

    it('with a wrong signature', async () => {
      expect(await refused(call({ secret: 'not the secret, but long' }))).toBe('401 wrong-signature');
      const garbage = tampered(({ headers }) => (headers['x-bottle-sign'] = 'garbage'));
      expect(await refused(garbage)).toBe('401 wrong-signature');
      const foreign = call({ app: 'other', secret: SECRET });
      expect(await refused(foreign)).toBe('401 wrong-signature');
    });
    it('with a timestamp too far in the past or in the future', async () => {
      expect(await refused(call({ timestamp: Date.now() - WINDOW_MS - 1_000 }))).toBe('401 timestamp-too-old');
      expect(await refused(call({ timestamp: Date.now() + WINDOW_MS + 5_000 }))).toBe('401 timestamp-ahead');
      expect(await refused(call({ timestamp: 0 }))).toBe('401 timestamp-too-old');
      expect((await call({ timestamp: Date.now() - WINDOW_MS + 5_000 })).status).toBe(200);
      expect((await call({ timestamp: Date.now() + WINDOW_MS - 5_000 })).status).toBe(200);
    });
    it('with a tampered body', async () => {
      const given = { body: '{"amount":1}' };
      expect(await refused(tampered((prepared) => (prepared.body = '{"amount":9}'), given))).toBe(
        '401 wrong-signature',
      );
      expect(await refused(tampered((prepared) => (prepared.body = ''), given))).toBe('401 wrong-signature');
    });
    it.each(['x-bottle-device', 'x-bottle-session', 'x-bottle-nonce', 'x-bottle-timestamp', 'x-bottle-app'])(
      'with a tampered %s',
      async (header) => {
        const values: Record<string, string> = {
          'x-bottle-timestamp': String(Date.now() + 1),
          'x-bottle-app': 'other',
        };
        const change = tampered(({ headers }) => (headers[header] = values[header] ?? 'another-value-of-it'));
        expect(await refused(change)).toBe('401 wrong-signature');
      },
    );
    it('for another API or version than it was signed for', async () => {
      for (const path of ['/gw/test.count/1.0', '/gw/test.echo/2.0']) {
        expect(await refused(tampered((prepared) => (prepared.path = path)))).toBe('401 wrong-signature');
      }
    });
    it('of an unknown app, for an unknown API, in an unknown version', async () => {
      expect(await refused(call({ app: 'nobody' }))).toBe('401 unknown-app');
      expect(await refused(call({ api: 'test.nothing' }))).toBe('404 unknown-api');
      const old = await call({ version: '0.9' });
      expect(old).toMatchObject({
        status: 404,
        ret: { code: 'unknown-version', details: { versions: ['1.0', '2.0'] } },
      });
    });
    it('that comes again', async () => {
      const prepared = prepare({ api: 'test.count' });
      expect((await transmit(pod.url, prepared)).status).toBe(200);
      expect(await refused(transmit(pod.url, prepared))).toBe('409 replayed');
      const sameNonce = prepare({ nonce: prepared.headers['x-bottle-nonce'] ?? '' });
      expect(await refused(transmit(pod.url, sameNonce))).toBe('409 replayed');
    });
    it('without what it needs, all of it named', async () => {
      const missing = tampered(({ headers }) => {
        delete headers['x-bottle-app'];
        delete headers['x-bottle-sign'];
        headers['x-bottle-nonce'] = 'short';
      });
      const answer = await missing;
      expect(answer).toMatchObject({ status: 400, ret: { code: 'bad-signed-request' }, signed: false });
      expect(answer.ret.details?.['complaints']).toHaveLength(3);
    });
    it('that is not a POST, not a path of an API, or too large', async () => {
      const get = await tampered((prepared) => (prepared.method = 'GET'));
      expect([get.status, get.ret.code, get.headers.get('allow')]).toEqual([405, 'method-not-allowed', 'POST']);
      for (const path of ['/gw/', '/gw/test.echo', '/gw/test.echo/1.0/more', '/gw/te%73t.echo/1.0']) {
        expect(await refused(tampered((prepared) => (prepared.path = path)))).toBe('404 unknown-api');
      }
      expect(await refused(call({ body: JSON.stringify('x'.repeat(400_000)) }))).toBe('413 body-too-large');
    });
    it('for an API that needs a session, without one or with one that nobody knows', async () => {
      const api = 'test.profile.get';
      expect(await refused(call({ api }))).toBe('401 session-missing');
      expect(await refused(call({ api, session: 'unknown' }))).toBe('401 session-unknown');
    });
    it('and never runs', async () => {
      const runs = async (): Promise<unknown> => (await call({ api: 'test.count' })).data;
      const { runs: before } = (await runs()) as { runs: number };
      await call({ api: 'test.count', secret: 'not the secret, but long' });
      await call({ api: 'test.count', timestamp: 1 });
      expect(await runs()).toEqual({ runs: before + 1 });
    });
  });

  describe('of many at once with one nonce', () => {
    it('exactly one passes, whichever of two pods they reach', async () => {
      for (let round = 0; round < 20; round++) {
        const prepared = prepare({ api: 'test.count' });
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) => transmit(pods[index % 2 === 0 ? 0 : 1].url, prepared)),
        );
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
        expect(answers.filter(({ ret }) => ret.code === 'replayed')).toHaveLength(19);
      }
    });
  });

  describe('a session', () => {
    it('is what a function put into the cache, on every pod, where the API asks for one', async () => {
      const token = randomUUID();
      await call({ api: 'test.signin', body: JSON.stringify({ token, session: { name: 'Ada', roles: ['x'] } }) });
      const there = await callSigned(pods[1].url, { api: 'test.profile.get', session: token });
      expect(there).toMatchObject({ status: 200, data: { hello: 'Ada' } });
      const optional = await call({ version: '2.0', session: token });
      expect(optional.data).toMatchObject({ gateway: { session: { name: 'Ada', roles: ['x'] } } });
      const none = (await call({ version: '1.0', session: token })).data as { gateway: object };
      expect(none.gateway).not.toHaveProperty('session');
      const unknown = (await call({ version: '2.0', session: 'unknown' })).data as { gateway: object };
      expect(unknown.gateway).not.toHaveProperty('session');
    });
    it('that cannot be read is the service’s mistake, not the client’s', async () => {
      const token = randomUUID();
      await call({ api: 'test.signin', body: JSON.stringify({ token, session: 'just text' }) });
      const answer = await call({ api: 'test.profile.get', session: token });
      expect(answer).toMatchObject({ status: 500, ret: { code: 'session-invalid' } });
    });
  });

  it('an idempotent API gives a stored answer to the same session or device only', async () => {
    const body = JSON.stringify({ orderId: randomUUID() });
    const run = async (device: string) => (await call({ api: 'test.once', body, device })).data;
    const first = await run('a');
    expect(await run('a')).toEqual(first);
    expect(await run('b')).not.toEqual(first);
  });

  it('answers are counted by API, version and code, without labels that strangers choose', async () => {
    const text = await (await pod.admin('/metrics')).text();
    expect(text).toMatch(/bottle_gateway_requests_total\{api="test.echo",version="2.0",code="ok"\} \d+/);
    expect(text).toMatch(/bottle_gateway_requests_total\{api="test.count",version="1.0",code="replayed"\} \d+/);
    expect(text).toMatch(/bottle_gateway_requests_total\{api="",version="",code="unknown-api"\} \d+/);
    expect(text).not.toContain('test.nothing');
  });
});

describe('the signed gateway while its Redis', () => {
  let redis: TestServer;
  let pod: StartedPod;
  beforeAll(async () => {
    redis = await startRedis({ own: true });
    pod = await startPod(redisCaches(redis.address, 'gw:'));
  });
  afterAll(async () => {
    await pod.end();
    await redis.stop();
  });

  it('is down refuses with a code that says so, and serves again when it is back', async () => {
    expect((await callSigned(pod.url)).status).toBe(200);
    await redis.kill();
    const refused = await callSigned(pod.url);
    expect(refused).toMatchObject({ status: 503, ret: { code: 'nonce-store-unavailable' }, data: null });
    expect(refused.headers.get('retry-after')).toBe('1');
    await redis.restart();
    await waitFor(async () => (await callSigned(pod.url)).status === 200, 10_000);
  });
  it('hangs refuses within seconds', async () => {
    await redis.pause();
    const startedAt = performance.now();
    const refused = await callSigned(pod.url);
    expect(refused).toMatchObject({ status: 503, ret: { code: 'nonce-store-unavailable' } });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await redis.resume();
    await waitFor(async () => (await callSigned(pod.url)).status === 200, 10_000);
  });
});
