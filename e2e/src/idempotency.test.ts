import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerAddresses, startRedis, type TestServer } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';

type StartedPod = Awaited<ReturnType<typeof TestPod.start>>;
interface Problem {
  reason: string;
  code: string;
}
interface Paid {
  name: string;
  number: number;
}

let directory: string;
let executedFile: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bt-i-'));
  executedFile = join(directory, 'executed');
  writeFileSync(executedFile, '');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const executionsOf = (name: string): number =>
  readFileSync(executedFile, 'utf8')
    .split('\n')
    .filter((line) => line === name).length;
const untilRunning = (name: string, times = 1): Promise<void> => waitFor(() => executionsOf(name) >= times, 10_000);

/** A pod whose idempotency keys are in this Redis; without one, the embedded cache. */
function startPod(redisUrl: string | undefined): Promise<StartedPod> {
  const config = join(directory, `sidecar-${Math.random()}.yml`);
  const resources = redisUrl === undefined ? {} : { cache: { idempotency: { driver: 'redis', url: redisUrl } } };
  writeFileSync(config, JSON.stringify({ resources }));
  return TestPod.start({
    project: 'idempotency',
    sidecarArgs: ['--config', config],
    env: { EXECUTED_FILE: executedFile },
  });
}

interface PaymentOptions {
  key?: string;
  body: object;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function payAt(pod: TestPod, { key, body, path = '/pay', method = 'POST', headers, signal }: PaymentOptions) {
  return fetch(pod.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

const isReplay = ({ headers }: Response): boolean => headers.get('idempotency-replayed') === 'true';
const reasonOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await json<Problem>(response)).reason}`;

// The setup of the run has said so, loudly, when there is no Redis.
const redisUrl: ServerAddresses['redisUrl'] = inject('redisUrl');
describe.each([
  { cache: 'the embedded cache', url: undefined },
  ...(redisUrl === undefined ? [] : [{ cache: 'Redis', url: redisUrl }]),
])('an idempotent route with $cache', ({ url, cache }) => {
  let pod: StartedPod;
  let serial = 0;
  /** A key that no other test and no other run uses. */
  const fresh = (): string => `${cache} ${process.pid} ${Date.now()} ${++serial}`.replaceAll(' ', '-');
  beforeAll(async () => {
    pod = await startPod(url);
  });
  afterAll(() => pod.end());

  it('runs 100 concurrent repeats once and gives all the same answer', async () => {
    const key = fresh();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => payAt(pod, { key, body: { name: key, ms: 300, status: 201 } })),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    expect(executionsOf(key)).toBe(1);
    expect(new Set(bodies).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ headers }) => headers.get('x-pay'))).size).toBe(1);
    expect(answers.filter(isReplay)).toHaveLength(99);
    expect(answers.filter(({ headers }) => headers.has('set-cookie'))).toHaveLength(1);
  });

  it('answers a later repeat with the stored status, headers and body', async () => {
    const key = fresh();
    const body = { name: key, status: 202 };
    const first = await payAt(pod, { key, body });
    const again = await payAt(pod, { key, body });
    expect([isReplay(first), isReplay(again)]).toEqual([false, true]);
    expect(again.status).toBe(202);
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(again.headers.get('x-pay')).toBe(first.headers.get('x-pay'));
    expect(await again.text()).toBe(await first.text());
    expect(executionsOf(key)).toBe(1);
  });

  it('keeps keys apart by route, and without a rule runs every time', async () => {
    const key = fresh();
    const body = { name: key };
    await payAt(pod, { key, body });
    await payAt(pod, { key, body, path: '/any' });
    for (let times = 0; times < 2; times++) await payAt(pod, { key, body, path: '/free' });
    expect(executionsOf(key)).toBe(4);
  });

  it('takes the key from a field of the body, forgets it after its ttl, and holds no place while it waits', async () => {
    const key = fresh();
    const body = { name: key, ms: 100, order: { id: key } };
    const results = await Promise.all([1, 2, 3].map(() => json<Paid>(payAt(pod, { body, path: '/pay-by-body' }))));
    expect(new Set(results.map(({ number }) => number)).size).toBe(1);
    expect(executionsOf(key)).toBe(1);
    await waitFor(async () => {
      await payAt(pod, { body, path: '/pay-by-body' });
      return executionsOf(key) === 2;
    }, 10_000);
  });

  it('takes the key from a path parameter', async () => {
    const key = fresh();
    for (let times = 0; times < 2; times++) {
      await payAt(pod, { body: { name: key }, path: `/orders/${encodeURIComponent(key)}`, method: 'PUT' });
    }
    expect(executionsOf(key)).toBe(1);
  });

  it('refuses a request without the key, with its reason, but lets safe methods go', async () => {
    const name = fresh();
    expect(await reasonOf(await payAt(pod, { body: { name } }))).toBe('400 idempotency-key-missing');
    expect(await reasonOf(await payAt(pod, { key: '', body: { name } }))).toBe('400 idempotency-key-missing');
    expect(await reasonOf(await payAt(pod, { body: { name, order: {} }, path: '/pay-by-body' }))).toBe(
      '400 idempotency-key-missing',
    );
    expect(executionsOf(name)).toBe(0);
    expect(await reasonOf(await fetch(`${pod.url}/any`))).not.toContain('idempotency');
  });

  it('refuses a key that another body or another caller used, while it runs and after', async () => {
    const key = fresh();
    const headers = { authorization: 'Bearer a' };
    const first = payAt(pod, { key, body: { name: key, ms: 300 }, headers });
    await untilRunning(key);
    const other = { key, body: { name: key, ms: 301 }, headers };
    expect(await reasonOf(await payAt(pod, other))).toBe('422 idempotency-key-reused');
    expect((await first).status).toBe(200);
    expect(await reasonOf(await payAt(pod, other))).toBe('422 idempotency-key-reused');
    const stranger = { key, body: { name: key, ms: 300 }, headers: { authorization: 'Bearer b' } };
    expect(await reasonOf(await payAt(pod, stranger))).toBe('422 idempotency-key-reused');
    expect(executionsOf(key)).toBe(1);
  });

  it.each([
    { what: 'a status of 4xx', body: { status: 409 }, expected: 409 },
    { what: 'a typed error that repeating does not change', body: { code: 'NOT_FOUND' }, expected: 404 },
    { what: 'a web Response', body: { as: 'response', status: 201 }, expected: 201 },
    { what: 'a stream', body: { as: 'stream', bytes: 200_000 }, expected: 200 },
    { what: 'a large result', body: { bytes: 1_000_000 }, expected: 200 },
  ])('keeps $what', async ({ body, expected }) => {
    const key = fresh();
    const first = await payAt(pod, { key, body: { name: key, ...body } });
    const text = await first.text();
    const again = await payAt(pod, { key, body: { name: key, ...body } });
    expect([first.status, again.status]).toEqual([expected, expected]);
    expect(await again.text()).toBe(text);
    expect(isReplay(again)).toBe(true);
    expect(executionsOf(key)).toBe(1);
  });

  it.each([
    { what: 'a status of 5xx', body: { status: 502 } },
    { what: 'a status that asks for another try', body: { status: 429 } },
    { what: 'an error of the function', body: { code: 'INTERNAL' } },
    { what: 'UNAVAILABLE', body: { code: 'UNAVAILABLE' } },
    { what: 'missing credentials', body: { code: 'UNAUTHENTICATED' } },
  ])('does not keep $what: the next one runs', async ({ body }) => {
    const key = fresh();
    for (let times = 0; times < 2; times++) {
      expect(isReplay(await payAt(pod, { key, body: { name: key, ...body } }))).toBe(false);
    }
    expect(executionsOf(key)).toBe(2);
  });

  it('sends a result over 1 MiB once, whole, and then says that it was done', async () => {
    for (const as of [undefined, 'stream']) {
      const key = fresh();
      const body = { name: key, bytes: 1_500_000, ...(as ? { as } : {}) };
      const first = await payAt(pod, { key, body });
      expect((await first.arrayBuffer()).byteLength).toBe(1_500_000);
      expect(await reasonOf(await payAt(pod, { key, body }))).toBe('409 idempotency-result-too-large');
      expect(executionsOf(key)).toBe(1);
    }
  });

  it('refuses a body over 1 MiB', async () => {
    const name = fresh();
    const tooLarge = payAt(pod, { key: name, body: { name, rest: 'x'.repeat(1_100_000) } });
    expect(await reasonOf(await tooLarge)).toBe('413 body-too-large');
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(65_536, ' ')) });
    const request = { method: 'POST', headers: { 'idempotency-key': name }, body: endless, duplex: 'half' } as const;
    expect(await reasonOf(await fetch(`${pod.url}/pay`, request))).toBe('413 body-too-large');
    const fits = await payAt(pod, { key: name, body: { name, rest: 'x'.repeat(900_000) } });
    expect(fits.status).toBe(200);
    expect(executionsOf(name)).toBe(1);
  });

  it('lets a waiting repeat run when the client of the first leaves', async () => {
    const key = fresh();
    const body = { name: key, ms: 1_000 };
    const leaving = new AbortController();
    const first = payAt(pod, { key, body, signal: leaving.signal }).catch(() => undefined);
    await untilRunning(key);
    const second = payAt(pod, { key, body });
    leaving.abort();
    await first;
    expect((await second).status).toBe(200);
    expect(isReplay(await second)).toBe(false);
    expect(executionsOf(key)).toBe(2);
  });

  it('lets the next one run when the client leaves in the middle of a stream', async () => {
    const key = fresh();
    const leaving = new AbortController();
    const first = await payAt(pod, { key, body: { name: key, as: 'endless' }, signal: leaving.signal });
    expect(first.status).toBe(200);
    leaving.abort();
    await untilGone(() => payAt(pod, { key, body: { name: key, as: 'endless' }, signal: AbortSignal.timeout(2_000) }));
    expect(executionsOf(key)).toBe(2);
  });

  it('gives a waiting repeat its own deadline', async () => {
    const key = fresh();
    const body = { name: key, ms: 1_000 };
    const first = payAt(pod, { key, body });
    await untilRunning(key);
    const hurried = await payAt(pod, { key, body, headers: { 'x-bottle-timeout-ms': '200' } });
    expect(await reasonOf(hurried)).toBe('504 deadline');
    expect((await first).status).toBe(200);
    expect(executionsOf(key)).toBe(1);
  });

  it('keeps nothing of a function process that is killed; a repeat runs', async () => {
    const key = fresh();
    const body = { name: key, ms: 500 };
    const first = payAt(pod, { key, body });
    await untilRunning(key);
    const waiting = payAt(pod, { key, body });
    pod.runtime.kill('SIGKILL');
    expect(await reasonOf(await first)).toBe('503 connection-lost');
    pod.runtime = pod.startRuntime();
    expect((await waiting).status).toBe(200);
    const again = await payAt(pod, { key, body });
    expect(isReplay(again)).toBe(true);
    expect(await again.text()).toBe(await (await waiting).text());
    expect(executionsOf(key)).toBe(2);
  });

  it('counts what became of each request', async () => {
    const text = await (await pod.admin('/metrics')).text();
    for (const result of ['run', 'replayed', 'refused']) {
      expect(text).toMatch(new RegExp(`bottle_idempotent_requests_total\\{function="pay",result="${result}"\\} \\d`));
    }
  });
});

async function untilGone(attempt: () => Promise<Response>): Promise<void> {
  const response = await attempt();
  expect(response.status).toBe(200);
  await response.body?.cancel();
}

// The setup of the run has said so, loudly, when there is no Redis.
describe.skipIf(redisUrl === undefined)('two pods with one Redis', () => {
  let redis: TestServer;
  let pods: [StartedPod, StartedPod];
  beforeAll(async () => {
    redis = await startRedis({ own: true });
    pods = [await startPod(redis.address), await startPod(redis.address)];
  });
  afterAll(async () => {
    for (const pod of pods) await pod.end();
    await redis.stop();
  });

  it('run 100 concurrent repeats once and give all the same answer', async () => {
    const [one, other] = pods;
    const body = { name: 'both', ms: 300 };
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => payAt(at % 2 === 0 ? one : other, { key: 'both', body })),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(executionsOf('both')).toBe(1);
  });

  it('run a request that lasts longer than a lease once', async () => {
    const [one, other] = pods;
    const body = { name: 'long', ms: 12_000 };
    const first = payAt(one, { key: 'long', body });
    await untilRunning('long');
    expect(await json<Paid>(payAt(other, { key: 'long', body }))).toEqual(await json<Paid>(first));
    expect(executionsOf('long')).toBe(1);
  });

  it('take over within 15 s from a pod that is killed', async () => {
    const [one, other] = pods;
    const body = { name: 'killed', ms: 500 };
    const first = payAt(one, { key: 'killed', body }).catch(() => undefined);
    await untilRunning('killed');
    one.sidecar.kill('SIGKILL');
    one.runtime.kill('SIGKILL');
    await first;
    const startedAt = performance.now();
    const second = await payAt(other, { key: 'killed', body });
    expect(second.status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(executionsOf('killed')).toBe(2);
    pods[0] = await startPod(redis.address);
  });

  it('run nothing while Redis is down, say why, and recover by themselves', async () => {
    const [one] = pods;
    const running = payAt(one, { key: 'running', body: { name: 'running', ms: 1_000 } });
    await untilRunning('running');
    await redis.kill();
    const refused = await payAt(one, { key: 'down', body: { name: 'down' } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await reasonOf(refused)).toBe('503 idempotency-unavailable');
    expect(executionsOf('down')).toBe(0);
    expect((await payAt(one, { body: { name: 'other' }, path: '/free' })).status).toBe(200);
    // What had begun is answered, and stored as soon as Redis is back.
    const first = await running;
    expect(first.status).toBe(200);
    await redis.restart();
    let again: Response | undefined;
    await waitFor(async () => {
      again = await payAt(one, { key: 'down', body: { name: 'down' } });
      return again.status === 200;
    }, 10_000);
    await waitFor(
      async () => isReplay(await payAt(one, { key: 'running', body: { name: 'running', ms: 1_000 } })),
      10_000,
    );
    expect(executionsOf('running')).toBe(1);
  });

  it('answer within 3 s when Redis does not', async () => {
    const [one] = pods;
    await redis.pause();
    const startedAt = performance.now();
    const refused = await payAt(one, { key: 'paused', body: { name: 'paused' } });
    expect(await reasonOf(refused)).toBe('503 idempotency-unavailable');
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await redis.resume();
    expect(executionsOf('paused')).toBe(0);
  });
});
