import { setTimeout as delay } from 'node:timers/promises';
import { startRedis, type TestServer } from '@bottle/test-servers';
import type { BottleError, CacheClient, CallError } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openSidecar, type SidecarTarget } from './target.ts';

const TIMEOUT_MS = 500;

/** Starts calls all the time until it is stopped; keeps how each ended and how long it took. */
function underLoad(call: () => Promise<unknown>): {
  /** Calls that were answered. */
  readonly ok: number;
  stop(): Promise<{ failures: BottleError[]; slowestMs: number }>;
} {
  let running = true;
  let ok = 0;
  let slowestMs = 0;
  const failures: BottleError[] = [];
  const worker = async (): Promise<void> => {
    while (running) {
      const startedAt = performance.now();
      await call().then(
        () => (ok += 1),
        (error: unknown) => failures.push(error as BottleError),
      );
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      await delay(1);
    }
  };
  const workers = Array.from({ length: 8 }, worker);
  return {
    get ok() {
      return ok;
    },
    async stop() {
      running = false;
      await Promise.all(workers);
      return { failures, slowestMs };
    },
  };
}

// The setup of the run has said so, loudly, when there is no Redis.
describe.skipIf(inject('redisUrl') === undefined)('a cache whose Redis', () => {
  let redis: TestServer;
  let target: SidecarTarget;
  let cache: CacheClient;
  beforeAll(async () => {
    redis = await startRedis({ own: true });
    const policy = { timeoutMs: TIMEOUT_MS, breaker: { failures: 5, openMs: 200 } };
    const patient = { driver: 'redis', url: redis.address, policy: { ...policy, timeoutMs: 5_000 } };
    target = await openSidecar({ cache: { faults: { driver: 'redis', url: redis.address, policy }, patient } });
    cache = target.bottle.cache('faults');
  });
  afterAll(async () => {
    await target.close();
    await redis.stop();
  });
  const available = async (): Promise<void> => {
    await expect.poll(() => cache.set('probe', 1).catch(() => false), { timeout: 5_000 }).toBe(true);
  };

  it('is killed under load fails within the deadline, opens the breaker, and recovers by itself', async () => {
    await available();
    const load = underLoad(() => cache.get('key'));
    await expect.poll(() => load.ok, { timeout: 10_000 }).toBeGreaterThan(50);
    await redis.kill();
    await expect
      .poll(async () => (await target.pod.admin('/readyz')).text())
      .toContain('cache.faults is not available');
    await delay(500);
    await redis.restart();
    await available();
    const { failures, slowestMs } = await load.stop();
    expect(slowestMs).toBeLessThan(TIMEOUT_MS + 500);
    // A call that is under way when the connection breaks may meet its deadline first.
    const known = new Set(['UNAVAILABLE, retryable', 'DEADLINE_EXCEEDED']);
    const kinds = failures.map(({ code, retryable }) => (retryable ? `${code}, retryable` : code));
    expect(kinds.filter((kind) => !known.has(kind))).toEqual([]);
    expect(failures.map(({ reason }) => reason)).toContain('breaker-open');
  });

  it('loses its connections twenty times under load has each push once at most, and each that was answered', async () => {
    await available();
    const other = target.bottle.cache('patient');
    const answered: number[] = [];
    let next = 0;
    const load = underLoad(async () => {
      const value = (next += 1);
      await cache.list('pushed').push(value);
      answered.push(value);
    });
    let killed = 0;
    for (let at = 0; at < 20; at++) {
      await delay(60);
      killed += Number(await other.command('CLIENT', [], ['KILL', 'TYPE', 'normal', 'SKIPME', 'yes']));
    }
    expect(killed).toBeGreaterThan(0);
    const { failures } = await load.stop();
    const stored = (await other.list('pushed').range()) as number[];
    const states = [...new Set(failures.map((error) => `${(error as CallError).outcome}, ${String(error.retryable)}`))];
    expect(new Set(stored).size).toBe(stored.length);
    expect(answered.filter((value) => !stored.includes(value))).toEqual([]);
    const unknown = failures.filter((error) => (error as CallError).outcome === 'unknown');
    expect(stored.length - answered.length).toBeLessThanOrEqual(unknown.length);
    expect(states.filter((state) => state !== 'unknown, false' && state !== 'not-done, true')).toEqual([]);
  });

  it('stops answering without closing a connection holds nobody longer than the deadline', async () => {
    await available();
    await redis.pause();
    const load = underLoad(() => cache.get('key'));
    await delay(1_500);
    await redis.resume();
    await available();
    const { failures, slowestMs } = await load.stop();
    expect(failures.length).toBeGreaterThan(5);
    expect(failures.map(({ reason }) => reason)).toContain('resource-timeout');
    expect(slowestMs).toBeLessThan(TIMEOUT_MS + 500);
  });

  it('is gone leaves `through` loading instead of failing', async () => {
    await available();
    await redis.kill();
    const value = await cache.through('gone', async () => 'loaded', { ttl: 60, local: false });
    expect(value).toBe('loaded');
    await redis.restart();
    await available();
  });

  it('was away when a subscription stood tells the subscriber that messages may be missing', async () => {
    await available();
    const messages = await cache.subscribe('news');
    const next = messages.next().catch((error: unknown) => error);
    await redis.kill();
    expect(await next).toMatchObject({ code: 'UNAVAILABLE', reason: 'subscription-lost' });
    await redis.restart();
    await available();
  });

  it('answers as before when ten thousand calls are in flight at once, and refuses the rest explicitly', async () => {
    await available();
    await cache.set('key', 'value');
    const patient = target.bottle.cache('patient');
    expect(await patient.get('key')).toBeDefined();
    await redis.pause();
    const calls = Array.from({ length: 10_000 }, () =>
      patient.get('key').then(
        () => 'ok',
        (error: unknown) => (error as BottleError).reason,
      ),
    );
    await delay(100);
    await redis.resume();
    const outcomes = Map.groupBy(await Promise.all(calls), (outcome) => outcome);
    // Those that were let in may also find that the resource's time is over, when the machine is slow.
    const expected = ['bulkhead-full', 'ok', 'resource-timeout', 'overloaded'];
    for (const outcome of outcomes.keys()) expect(expected).toContain(outcome);
    expect(outcomes.get('bulkhead-full')?.length).toBeGreaterThan(1_000);
    expect(outcomes.get('ok')?.length).toBeGreaterThan(100);
    expect(target.sidecar.isRunning).toBe(true);
    await available();
  });

  it('takes a call that is cancelled while it is in flight back at once', async () => {
    await available();
    await redis.pause();
    const controller = new AbortController();
    const startedAt = performance.now();
    const calls = [
      cache.get('key', { signal: controller.signal }),
      cache.set('key', 1, { signal: controller.signal }),
      cache.transaction((tx) => tx.get('key'), { signal: controller.signal }),
      cache.publish('news', 1, { signal: controller.signal }),
    ].map((call) => call.catch((error: unknown) => error));
    setTimeout(() => controller.abort(), 50);
    for (const outcome of await Promise.all(calls)) expect(outcome).toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
    await redis.resume();
    await available();
  });
});

describe.skipIf(inject('redisUrl') === undefined)('two pods on one Redis', () => {
  let pods: SidecarTarget[];
  beforeAll(async () => {
    const shared = { driver: 'redis', url: inject('redisUrl'), keyPrefix: `pods-${process.pid}:` };
    pods = await Promise.all([openSidecar({ cache: { shared } }), openSidecar({ cache: { shared } })]);
  });
  afterAll(() => Promise.all(pods.map((pod) => pod.close())));

  it('see each other’s invalidation within a second, however long they keep values themselves', async () => {
    const [one, two] = pods.map(({ bottle }) => bottle.cache('shared')) as [CacheClient, CacheClient];
    let version = 1;
    const read = (cache: CacheClient): Promise<unknown> =>
      cache.through('item', async () => version, { ttl: 600, local: 600 });
    // The second reading is answered from this process alone.
    for (const cache of [one, two, one, two]) {
      expect(await read(cache)).toBe(1);
      await delay(100);
    }
    version = 2;
    await one.invalidate('item');
    await expect.poll(() => read(two), { timeout: 1_000, interval: 20 }).toBe(2);
  });

  it('load once for a stampede in both', async () => {
    let loads = 0;
    const load = async (): Promise<string> => {
      loads += 1;
      await delay(100);
      return 'value';
    };
    const stampede = pods.flatMap(({ bottle }) =>
      Array.from({ length: 500 }, () => bottle.cache('shared').through('stampede', load, { ttl: 60 })),
    );
    expect(new Set(await Promise.all(stampede))).toEqual(new Set(['value']));
    expect(loads).toBe(1);
  });
});
