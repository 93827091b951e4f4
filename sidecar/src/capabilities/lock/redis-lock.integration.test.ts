// What locks leave in a real Redis, what they make of one that forgets, and how they meet what is there already.
import { randomUUID } from 'node:crypto';
import type { LockDriver } from '@bottle/capabilities';
import { startRedis, type TestServer } from '@bottle/test-servers';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { resourcesSchema } from '../../resources-config.ts';
import { createRedisLock } from './redis-lock.ts';

const { signal } = new AbortController();
const HOUR = 36_000_000n;

/** How pods of version 0.1.0 took a lock. */
const OLDER_ACQUIRE = `
  local holder = redis.call('GET', KEYS[1])
  if holder and holder ~= ARGV[1] then return {0, redis.call('PTTL', KEYS[1])} end
  local token = holder and redis.call('GET', KEYS[2]) or redis.call('INCR', KEYS[2])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {1, tostring(token)}
`;

describe.skipIf(inject('redisUrl') === undefined)('locks in Redis', () => {
  let server: TestServer;
  let redis: Redis;
  let locks: LockDriver;
  beforeAll(async () => {
    server = await startRedis({ own: true });
    redis = new Redis(server.address);
    const { lock } = resourcesSchema.parse({ lock: { l: { driver: 'redis', url: server.address } } });
    const log = pino({ level: 'silent' });
    locks = await createRedisLock(lock['l'] as never, { id: 'lock.l', name: 'l', log } as never);
    await vi.waitUntil(() => locks.problem === undefined, { timeout: 10_000 });
  });
  afterAll(async () => {
    await locks?.close();
    redis?.disconnect();
    await server?.stop();
  });

  const take = async (name: string, owner: string = randomUUID(), leaseMs = 10_000): Promise<bigint | undefined> =>
    (await locks.acquire({ name, owner, leaseMs, waitMs: 0, signal }))?.token;
  /** Takes it and gives it back. */
  const pass = async (name: string): Promise<bigint> => {
    const owner = randomUUID();
    const token = await take(name, owner);
    expect(await locks.release(name, owner)).toBe(true);
    return token as bigint;
  };
  const olderPod = {
    take: (name: string, owner: string) =>
      redis.eval(OLDER_ACQUIRE, 2, `{${name}}:owner`, `{${name}}:fence`, owner, 10_000) as Promise<[number, string]>,
    giveBack: (name: string) => redis.del(`{${name}}:owner`),
  };

  it('that were released leave no key that stays', async () => {
    await redis.flushall();
    for (let at = 0; at < 500; at++) await pass(`n${at}`);
    const keys = await redis.keys('*');
    const expiries = await Promise.all(keys.map((key) => redis.pttl(key)));
    expect(expiries.filter((ms) => ms < 0 || ms > 70_000)).toEqual([]);
    expect(keys.filter((key) => key.endsWith(':owner'))).toEqual([]);
  });

  it('have tokens that grow after Redis has forgotten everything, and that a number holds', async () => {
    const before = await pass('forgotten');
    await redis.flushall();
    const after = await pass('forgotten');
    expect(after).toBeGreaterThan(before);
    expect(BigInt(Number(after))).toBe(after);
    expect(Number(after)).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });

  it('have tokens that grow when the clock of Redis goes back by an hour', async () => {
    const ahead = (await pass('clock')) + HOUR;
    await redis.set('bottle:lock:{clock}:fence', String(ahead), 'PX', 60_000);
    expect(await pass('clock')).toBe(ahead + 1n);
    expect(await pass('clock')).toBe(ahead + 2n);
  });

  it('keep their token while they are held, whatever else is evicted', async () => {
    const owner = randomUUID();
    const token = await take('kept', owner);
    await redis.del('bottle:lock:{kept}:fence', '{kept}:owner', '{kept}:fence');
    expect(await locks.renew('kept', owner, 10_000)).toBe(token);
    expect(await take('kept', owner)).toBe(token);
    expect(await take('kept')).toBeUndefined();
  });

  it('do not meet the keys of a cache in the same Redis', async () => {
    await redis.set('{cart}:owner', 'Ada');
    await redis.rpush('{cart}:fence', 'a');
    await redis.hset('{list}:owner', 'a', 1);
    await pass('cart');
    await pass('list');
    expect(await redis.get('{cart}:owner')).toBe('Ada');
    expect(await redis.lrange('{cart}:fence', 0, -1)).toEqual(['a']);
    expect(await redis.hget('{list}:owner', 'a')).toBe('1');
  });

  describe('beside a pod of version 0.1.0', () => {
    it('exclude it, and are excluded by it', async () => {
      const [older, newer] = [randomUUID(), randomUUID()];
      expect(await olderPod.take('both', older)).toMatchObject([1, '1']);
      expect(await take('both', newer)).toBeUndefined();
      await olderPod.giveBack('both');
      expect(await take('both', newer)).toBeDefined();
      expect((await olderPod.take('both', older))[0]).toBe(0);
      await redis.del('{both}:owner'); // evicted: a renewal puts it back
      expect(await locks.renew('both', newer, 10_000)).toBeDefined();
      expect((await olderPod.take('both', older))[0]).toBe(0);
      expect(await locks.release('both', newer)).toBe(true);
      expect((await olderPod.take('both', older))[0]).toBe(1);
    });

    it('have tokens that grow in turns, and take the expiry to its counters', async () => {
      const tokens: bigint[] = [];
      for (let turn = 0; turn < 5; turn++) {
        tokens.push(BigInt((await olderPod.take('turns', randomUUID()))[1]));
        await olderPod.giveBack('turns');
        tokens.push(await pass('turns'));
      }
      expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(new Set(tokens).size).toBe(10);
      expect(await redis.pttl('{turns}:fence')).toBeGreaterThan(0);
    });
  });
});
