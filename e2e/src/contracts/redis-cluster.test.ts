// A real Redis Cluster: keys of many slots, slots that move, a master that dies under load.
import { setTimeout as delay } from 'node:timers/promises';
import { unlessUnavailable } from '@bottle/test-servers';
import type { CacheClient, LockClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { Counting } from './counting.ts';
import { RedisCluster } from './redis-cluster.ts';

const TIMEOUT_MS = 1_000;

const cluster = await unlessUnavailable(RedisCluster.start({ timeoutMs: TIMEOUT_MS }));
afterAll(() => cluster?.stop());

describe.skipIf(cluster === undefined)('a Redis Cluster', () => {
  const redis = cluster as RedisCluster;
  let cache: CacheClient;
  let locks: LockClient;
  beforeAll(() => {
    cache = redis.bottle.cache('whole');
    locks = redis.bottle.lock('whole');
  });

  it('has many keys at once, of whatever slots', async () => {
    const keys = Array.from({ length: 50 }, (_, at) => `many:${at}`);
    for (const key of keys) await cache.set(key, key);
    expect(await cache.getMany([...keys, 'many:none'])).toEqual([...keys, undefined]);
    expect(await cache.exists(...keys, 'many:none')).toBe(50);
    expect(await cache.delete(...keys, 'many:none')).toBe(50);
    expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined));
  });

  it('stores many keys at once, or runs a transaction, where they have one hash tag, and says so where they have not', async () => {
    await cache.setMany({ '{cart}:a': 1, '{cart}:b': 2 });
    expect(await cache.transaction((tx) => tx.get('{cart}:a').increment('{cart}:b'))).toEqual([1, 3]);
    const refused = { reason: 'driver-error', details: { driverCode: 'CROSSSLOT' }, outcome: 'not-done' };
    await expect(cache.setMany({ a: 1, b: 2 })).rejects.toMatchObject(refused);
    await expect(cache.transaction((tx) => tx.get('a').get('b'))).rejects.toMatchObject(refused);
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined]);
  });

  it('has read-through values that are invalidated', async () => {
    let version = 1;
    const read = (): Promise<unknown> => cache.through('item', () => version, { ttl: 60, local: false });
    expect([await read(), await read()]).toEqual([1, 1]);
    version = 2;
    await cache.invalidate('item', 'other');
    expect(await read()).toBe(2);
  });

  it('has locks of any name', async () => {
    for (let at = 0; at < 50; at++) {
      await using lock = await locks.acquire(`lock ${at} {}`);
      expect(await locks.tryAcquire(`lock ${at} {}`)).toBeUndefined();
      expect(lock.isHeld).toBe(true);
    }
  });

  it('moves slots under load, and no call notices', async () => {
    const prefix = `moving:${Date.now()}`;
    const load = new Counting(cache, prefix);
    await using lock = await locks.acquire(prefix, { lease: '2s' });
    await waitFor(() => load.promised.size === 16, 5_000);
    const keys = [...load.promised.keys(), `bottle:lock:{${prefix}}:owner`];
    let moved = 0;
    for (const key of keys) {
      const { slot, node } = await redis.ownerOf(key);
      if (node === 2) continue;
      await redis.move(slot, node, 2);
      moved += 1;
    }
    await delay(500);
    const { lost, more } = await load.stop();
    const failures = Object.fromEntries(load.failures);
    const seen = { moved, failures, slowestMs: Math.round(load.slowestMs), lost, more };
    process.stdout.write(`cluster, slots moved: ${JSON.stringify(seen)}\n`);
    expect(moved).toBeGreaterThan(3);
    expect([lost, more, failures]).toEqual([0, 0, {}]);
    expect(lock.isHeld).toBe(true);
  });

  it('goes on with the replica of a master that dies under load, and tells what it does not know', async () => {
    const load = new Counting(cache, 'dying');
    await waitFor(() => load.promised.size === 16, 5_000);
    await delay(500);
    await redis.nodes[0]?.kill();
    await waitFor(async () => (await redis.ask(3, 'ROLE')).startsWith('master'), 20_000);
    await waitFor(() => cache.getMany([...load.promised.keys()]).then(() => true), 20_000);
    await delay(500);
    const { lost, more, uncertain } = await load.stop();
    const { failures, slowestMs, silentMs } = load;
    const figures = { slowestMs: Math.round(slowestMs), silentMs: Math.round(silentMs), lost, more, uncertain };
    process.stdout.write(
      `cluster, master died: ${JSON.stringify({ ...figures, failures: Object.fromEntries(failures) })}\n`,
    );
    expect(more).toBeLessThanOrEqual(uncertain);
    expect(slowestMs).toBeLessThan(TIMEOUT_MS + 500);
    expect([...failures.keys()].filter((what) => / (unknown|not-done)$/.test(what))).toHaveLength(failures.size);
  });
});
