import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, type CacheClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractTarget } from './target.ts';

const MIB = 1024 * 1024;

export interface CacheContractOptions {
  /** Whether the driver runs scripts. */
  scripts: boolean;
}

/** What every cache driver does, seen through the SDK. */
export function describeCacheContract(
  title: string,
  open: () => Promise<ContractTarget>,
  { scripts }: CacheContractOptions,
): void {
  describe(`cache contract: ${title}`, () => {
    let target: ContractTarget;
    let cache: CacheClient;
    let unique = 0;
    const fresh = (): string => `key:${process.pid}:${(unique += 1)}`;
    beforeAll(async () => {
      target = await open();
      cache = target.bottle.cache('contract');
    });
    afterAll(() => target.close());

    describe('values', () => {
      it('gives back what was stored, of every JSON kind', async () => {
        for (const value of [0, '', false, null, [], {}, 'text', 1.5, { a: [1, { b: null }] }]) {
          const key = fresh();
          await cache.set(key, value);
          expect(await cache.get(key)).toEqual(value);
        }
      });
      it('answers undefined where there is nothing', async () => {
        expect(await cache.get(fresh())).toBeUndefined();
      });
      it('refuses what has no JSON form', async () => {
        await expect(cache.set(fresh(), undefined)).rejects.toMatchObject({ reason: 'not-json' });
      });
      it('keeps every byte of binary values, from none to 16 MiB', async () => {
        const bytes = target.bottle.cache('contract', { codec: 'bytes' });
        for (const size of [0, 1, 64 * 1024, 16 * MIB]) {
          const key = fresh();
          const value = Buffer.alloc(
            size,
            Uint8Array.from({ length: 256 }, (_, byte) => byte),
          );
          await bytes.set(key, value);
          expect(Buffer.compare((await bytes.get(key)) ?? Buffer.from('absent'), value)).toBe(0);
          await bytes.delete(key);
        }
      });
      it('keeps every edge of UTF-8, in keys and values', async () => {
        const text = target.bottle.cache('contract', { codec: 'text' });
        for (const edge of ['\u0000', '\u007f\u0080', '\u07ff\u0800', '\uffff', '\u{10ffff}', '😀é漢', 'a\r\nb']) {
          const key = `${fresh()}:${edge}`;
          await text.set(key, edge);
          expect(await text.get(key)).toBe(edge);
          expect(await text.getMany([key])).toEqual([edge]);
        }
      });
      it('stores only where a value is absent, or present, when told so', async () => {
        const key = fresh();
        expect(await cache.set(key, 1, { if: 'present' })).toBe(false);
        expect(await cache.set(key, 2, { if: 'absent' })).toBe(true);
        expect(await cache.set(key, 3, { if: 'absent' })).toBe(false);
        expect(await cache.set(key, 4, { if: 'present' })).toBe(true);
        expect(await cache.get(key)).toBe(4);
      });
      it('returns the value before with replace', async () => {
        const key = fresh();
        expect(await cache.replace(key, 'one')).toBeUndefined();
        expect(await cache.replace(key, 'two')).toBe('one');
      });
      it('deletes and counts several keys', async () => {
        const [a, b, c] = [fresh(), fresh(), fresh()];
        await cache.setMany({ [a]: 1, [b]: 2 });
        expect(await cache.exists(a, b, c)).toBe(2);
        expect(await cache.getMany([a, c, b])).toEqual([1, undefined, 2]);
        expect(await cache.delete(a, b, c)).toBe(2);
        expect(await cache.exists(a, b, c)).toBe(0);
      });
      it('counts atomically under concurrency', async () => {
        const key = fresh();
        const sums = await Promise.all(Array.from({ length: 100 }, () => cache.increment(key)));
        expect(new Set(sums).size).toBe(100);
        expect(await cache.increment(key, -100)).toBe(0);
      });
      it('fails to add to what is no number, with the code of the store', async () => {
        const key = fresh();
        await cache.set(key, 'words');
        const error = await cache.increment(key).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(BottleError);
        expect(error).toMatchObject({
          code: 'FAILED_PRECONDITION',
          reason: 'driver-error',
          details: { resource: 'cache.contract', operation: 'increment', retryable: false, driverCode: 'ERR' },
        });
      });
      it('says WRONGTYPE when a key holds another kind', async () => {
        const key = fresh();
        await cache.list(key).push(1);
        await expect(cache.get(key)).rejects.toMatchObject({ details: { driverCode: 'WRONGTYPE' } });
      });
    });

    describe('expiry', () => {
      it('forgets a value when its time is over, and not before', async () => {
        const key = fresh();
        await cache.set(key, 1, { ttl: '300ms' });
        const left = (await cache.ttlMs(key)) ?? 0;
        expect(left).toBeGreaterThan(100);
        expect(left).toBeLessThanOrEqual(300);
        await delay(400);
        expect(await cache.get(key)).toBeUndefined();
        expect(await cache.ttlMs(key)).toBeUndefined();
      });
      it('sets, keeps and removes an expiry', async () => {
        const key = fresh();
        await cache.set(key, 1);
        expect(await cache.ttlMs(key)).toBe(Number.POSITIVE_INFINITY);
        expect(await cache.expire(key, 100)).toBe(true);
        await cache.set(key, 2, { keepTtl: true });
        expect(await cache.ttlMs(key)).toBeLessThanOrEqual(100_000);
        expect(await cache.persist(key)).toBe(true);
        expect(await cache.persist(key)).toBe(false);
        expect(await cache.expire(fresh(), 1)).toBe(false);
      });
      it('refuses a duration that is none', async () => {
        await expect(cache.set(fresh(), 1, { ttl: -1 })).rejects.toMatchObject({ reason: 'bad-duration' });
        await expect(cache.set(fresh(), 1, { ttl: 0 })).rejects.toMatchObject({ reason: 'bad-duration' });
        const inTransaction = cache.transaction((tx) => tx.set('a', 1, { ttl: 0 }));
        await expect(inTransaction).rejects.toMatchObject({ reason: 'bad-duration' });
        const loaded = cache.through(fresh(), () => 1, { ttl: 0 });
        await expect(loaded).rejects.toMatchObject({ reason: 'bad-duration' });
      });
    });

    describe('collections', () => {
      it('keeps fields of a hash', async () => {
        const hash = cache.hash(fresh());
        expect(await hash.set({ a: 1, b: { c: 2 } })).toBe(2);
        expect(await hash.set({ a: 3 })).toBe(0);
        expect(await hash.get('a')).toBe(3);
        expect(await hash.get('z')).toBeUndefined();
        expect(await hash.getMany(['b', 'z'])).toEqual([{ c: 2 }, undefined]);
        expect(await hash.entries()).toEqual(
          new Map<string, unknown>([
            ['a', 3],
            ['b', { c: 2 }],
          ]),
        );
        expect(await hash.increment('n', 5)).toBe(5);
        expect(await hash.size()).toBe(3);
        expect(await hash.has('n')).toBe(true);
        expect(await hash.delete('n', 'z')).toBe(1);
      });
      it('keeps a list with two ends', async () => {
        const list = cache.list(fresh());
        expect(await list.push(2, 3)).toBe(2);
        expect(await list.pushLeft(1, 0)).toBe(4);
        expect(await list.range()).toEqual([0, 1, 2, 3]);
        expect(await list.range(-2, -1)).toEqual([2, 3]);
        expect(await list.popLeft()).toBe(0);
        expect(await list.pop()).toBe(3);
        await list.trim(0, 0);
        expect(await list.popLeftMany(5)).toEqual([1]);
        expect(await list.pop()).toBeUndefined();
        expect(await list.length()).toBe(0);
      });
      it('keeps a set of distinct members', async () => {
        const set = cache.setOf(fresh());
        expect(await set.add('a', 'b', 'a')).toBe(2);
        expect(await set.has('a')).toBe(true);
        expect(await set.has('z')).toBe(false);
        expect(new Set(await set.members())).toEqual(new Set(['a', 'b']));
        expect(await set.remove('a', 'z')).toBe(1);
        expect(await set.size()).toBe(1);
      });
      it('keeps a sorted set by score', async () => {
        const ranks = cache.sortedSet(fresh());
        expect(
          await ranks.add([
            { member: 'b', score: 2 },
            { member: 'a', score: 1 },
            { member: 'c', score: 3.5 },
          ]),
        ).toBe(3);
        expect(await ranks.range()).toEqual([
          { member: 'a', score: 1 },
          { member: 'b', score: 2 },
          { member: 'c', score: 3.5 },
        ]);
        expect((await ranks.range(0, 0, { reverse: true })).map(({ member }) => member)).toEqual(['c']);
        expect((await ranks.rangeByScore(2, Number.POSITIVE_INFINITY)).map(({ member }) => member)).toEqual(['b', 'c']);
        expect(
          (await ranks.rangeByScore(0, 9, { reverse: true, limit: 1, offset: 1 })).map(({ member }) => member),
        ).toEqual(['b']);
        expect(await ranks.increment('a', 9)).toBe(10);
        expect(await ranks.rank('a')).toBe(2);
        expect(await ranks.rank('a', { reverse: true })).toBe(0);
        expect(await ranks.rank('z')).toBeUndefined();
        expect(await ranks.score('b')).toBe(2);
        expect(await ranks.score('z')).toBeUndefined();
        expect(await ranks.remove('a')).toBe(1);
        expect(await ranks.size()).toBe(2);
      });
    });

    describe('more than one key', () => {
      it('scans all keys that match, in pages', async () => {
        const prefix = fresh();
        await cache.setMany(Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`${prefix}:${at}`, at])));
        const found = new Set<string>();
        for await (const key of cache.scan({ match: `${prefix}:*`, count: 20 })) found.add(key);
        expect(found.size).toBe(250);
      });
      it('runs a transaction with nothing in between, and answers each operation', async () => {
        const [a, b] = [fresh(), fresh()];
        await cache.set(a, 'before');
        const results = await cache.transaction((tx) =>
          tx.get(a).set(a, 'after').increment(b, 2).push(`${b}:list`, 1, 2),
        );
        expect(results).toEqual(['before', true, 2, 2]);
        expect(await cache.get(a)).toBe('after');
      });
      it('knows further commands by their own name', async () => {
        const key = fresh();
        const text = target.bottle.cache('contract', { codec: 'text' });
        await text.set(key, 'four');
        expect(await cache.command('STRLEN', [key])).toBe(4);
        await expect(cache.command('NOSUCHCOMMAND', [key])).rejects.toBeInstanceOf(BottleError);
      });
      it('runs scripts, also when the store has forgotten them, or says that it runs none', async () => {
        const key = fresh();
        const source = "redis.call('SET', KEYS[1], ARGV[1]); return {1, ARGV[1], redis.call('GET', KEYS[1])}";
        const run = (argument: string): Promise<unknown> =>
          cache.script(source, [key], [argument]).catch((error: unknown) => (error as BottleError).reason);
        const answer = (argument: string): unknown =>
          scripts ? [1, Buffer.from(argument), Buffer.from(argument)] : 'no-scripts';
        expect(await run('7')).toEqual(answer('7'));
        await cache.command('SCRIPT', [], [], { before: ['FLUSH'] }).catch(() => {}); // only where there are any
        expect(await run('8')).toEqual(answer('8'));
      });
      it('delivers what is published to all who listen', async () => {
        const channel = fresh();
        const listeners = await Promise.all([cache.subscribe(channel), cache.subscribe(channel)]);
        await cache.publish(channel, { n: 1 });
        for (const listener of listeners) {
          expect((await listener.next()).value).toEqual({ channel, value: { n: 1 } });
          await listener.return(undefined);
        }
      });
    });

    describe('through', () => {
      it('loads once for a stampede of 1,000', async () => {
        const key = fresh();
        let loads = 0;
        const load = async (): Promise<number> => {
          loads += 1;
          await delay(50);
          return 42;
        };
        const values = await Promise.all(Array.from({ length: 1_000 }, () => cache.through(key, load, { ttl: 60 })));
        expect(loads).toBe(1);
        expect(new Set(values)).toEqual(new Set([42]));
      });
      it('answers from the store without loading again', async () => {
        const key = fresh();
        await cache.through(key, () => ({ n: 1 }), { ttl: 60, local: false });
        const again = await cache.through(
          key,
          () => {
            throw new Error('must not load');
          },
          { ttl: 60, local: false },
        );
        expect(again).toEqual({ n: 1 });
      });
      it('asks the store, and not this process, where a caller says so', async () => {
        let key = '';
        const ask = (value: number, local: '10s' | false): Promise<unknown> =>
          cache.through(key, () => value, { ttl: 60, local });
        const isAnsweredHere = async (): Promise<boolean> => {
          key = fresh();
          await ask(1, '10s');
          await cache.delete(`through:${key}`); // behind its back
          return (await ask(2, '10s')) === 1;
        };
        await expect.poll(isAnsweredHere, { timeout: 5_000 }).toBe(true);
        expect(await ask(3, false)).toBe(3);
      });
      it('serves a stale value while one renewal runs', async () => {
        const key = fresh();
        let version = 0;
        const load = async (): Promise<number> => (version += 1);
        const options = { ttl: '100ms', stale: '10s', local: false } as const;
        expect(await cache.through(key, load, options)).toBe(1);
        await delay(150);
        expect(await cache.through(key, load, options)).toBe(1);
        await expect.poll(() => cache.through(key, load, options), { timeout: 5_000 }).not.toBe(1);
      });
      it('remembers that there is none', async () => {
        const key = fresh();
        let loads = 0;
        const load = (): undefined => {
          loads += 1;
          return undefined;
        };
        const options = { ttl: 60, local: false } as const;
        expect(await cache.through(key, load, options)).toBeUndefined();
        expect(await cache.through(key, load, options)).toBeUndefined();
        expect(loads).toBe(1);
      });
      it('loads again after an invalidation, at once', async () => {
        const key = fresh();
        let version = 0;
        const load = async (): Promise<number> => (version += 1);
        expect(await cache.through(key, load, { ttl: 60 })).toBe(1);
        expect(await cache.through(key, load, { ttl: 60 })).toBe(1);
        await cache.invalidate(key);
        expect(await cache.through(key, load, { ttl: 60 })).toBe(2);
      });
      it('makes nobody wait when another key was invalidated during a load', async () => {
        const key = fresh();
        const options = { ttl: 60, local: false, claim: '3s' } as const;
        const slow = async (): Promise<number> => {
          await delay(50);
          return 1;
        };
        const [value] = await Promise.all([cache.through(key, slow, options), cache.invalidate(fresh())]);
        expect(value).toBe(1);
        const startedAt = performance.now();
        expect(await cache.through(key, slow, options)).toBe(1);
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      });
      it('does not remember a load that failed', async () => {
        const key = fresh();
        await expect(cache.through(key, () => Promise.reject(new Error('down')), { ttl: 60 })).rejects.toThrow('down');
        expect(await cache.through(key, () => 'up', { ttl: 60 })).toBe('up');
      });
      it('hands out values that nobody can change', async () => {
        const value = (await cache.through(fresh(), () => ({ list: [1] }), { ttl: 60 })) as { list: number[] };
        expect(() => value.list.push(2)).toThrow(TypeError);
      });
    });

    it('gives a call up when its signal aborts', async () => {
      const signal = AbortSignal.abort();
      await expect(cache.get(fresh(), { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
}
