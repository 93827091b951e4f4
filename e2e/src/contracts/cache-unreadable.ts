import { inspect } from 'node:util';
import { type CacheClient, UnreadableValue } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractTarget } from './target.ts';

/** No JSON, and nothing that anybody may read in an error or a log. */
const SECRET = 'hello, it is a secret';

/** What becomes of values that somebody else has put into a cache, whatever keeps it. */
export function describeUnreadableValues(title: string, open: () => Promise<ContractTarget>): void {
  describe(`values that are not JSON: ${title}`, () => {
    let target: ContractTarget;
    let cache: CacheClient;
    let foreign: CacheClient<string>;
    let unique = 0;
    const fresh = (): string => `foreign:${process.pid}:${(unique += 1)}`;
    beforeAll(async () => {
      target = await open();
      cache = target.bottle.cache('contract');
      foreign = target.bottle.cache('contract', { codec: 'text' });
    });
    afterAll(() => target.close());
    const thrownBy = async (call: Promise<unknown>): Promise<UnreadableValue> => {
      const error: unknown = await call.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UnreadableValue);
      return error as UnreadableValue;
    };

    it('are an error with the key, and without the value', async () => {
      const key = fresh();
      await foreign.set(key, SECRET);
      const error = await thrownBy(cache.get(key));
      const details = { resource: 'cache.contract', key };
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'not-json', details, outcome: 'not-done' });
      expect(error.message).toContain(key);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hello');
      expect(JSON.stringify(error)).not.toContain('hello');
      expect(error.bytes.toString()).toBe(SECRET);
    });
    it('spoil none of the others that are read with them', async () => {
      const [good, bad, none] = [fresh(), fresh(), fresh()];
      await cache.set(good, { n: 1 });
      await foreign.set(bad, SECRET);
      const values = await cache.getMany([bad, good, none]);
      expect(values).toEqual([undefined, { n: 1 }, undefined]);
      expect(values.unreadable).toMatchObject([{ reason: 'not-json', details: { key: bad } }]);
      expect((await cache.getMany([good])).unreadable).toEqual([]);
    });
    it('spoil none of the other fields of a hash', async () => {
      const key = fresh();
      await foreign.hash(key).set({ bad: SECRET });
      await cache.hash(key).set({ good: 1 });
      expect((await thrownBy(cache.hash(key).get('bad'))).details).toMatchObject({ key, field: 'bad' });
      const entries = await cache.hash(key).entries();
      expect([...entries]).toEqual([['good', 1]]);
      expect(entries.unreadable.map(({ details }) => details['field'])).toEqual(['bad']);
      expect(await cache.hash(key).getMany(['bad', 'good'])).toEqual([undefined, 1]);
    });
    it('spoil none of the other members of a list, a set and a sorted set', async () => {
      const [list, set, sorted] = [fresh(), fresh(), fresh()];
      await foreign.list(list).push('1', SECRET, '2');
      expect(await cache.list(list).range()).toEqual([1, 2]);
      await foreign.setOf(set).add('1', SECRET);
      const members = await cache.setOf(set).members();
      expect([members, members.unreadable.length]).toEqual([[1], 1]);
      await foreign.sortedSet(sorted).add([
        { member: SECRET, score: 1 },
        { member: '2', score: 2 },
      ]);
      expect(await cache.sortedSet(sorted).range()).toEqual([{ member: 2, score: 2 }]);
      expect(await cache.sortedSet(sorted).rangeByScore(0, 9)).toEqual([{ member: 2, score: 2 }]);
    });
    it('spoil none of the other results of a transaction', async () => {
      const [bad, counter] = [fresh(), fresh()];
      await foreign.set(bad, SECRET);
      const results = await cache.transaction((tx) => tx.get(bad).increment(counter));
      expect(results).toEqual([undefined, 1]);
      expect(results.unreadable).toMatchObject([{ details: { key: bad, outcome: 'done' } }]);
    });
    it('are put aside when they are taken from a list, and hold up nobody', async () => {
      const key = fresh();
      await foreign.list(key).push(SECRET, '{"half', '1', '2', SECRET, '3');
      expect(await cache.list(key).popLeft()).toBe(1);
      expect(await cache.list(key).pop()).toBe(3);
      const taken = await cache.list(key).popLeftMany(5);
      expect([taken, taken.unreadable.length]).toEqual([[2], 1]);
      expect(await cache.list(key).popLeft()).toBeUndefined();
      const aside = await foreign.list(`${key}:unreadable`).range();
      expect(aside).toEqual([SECRET, '{"half', SECRET]);
    });
    it('come along with the error when another one has been put in their place', async () => {
      const key = fresh();
      await foreign.set(key, SECRET);
      const error = await thrownBy(cache.replace(key, 1));
      expect([error.outcome, error.bytes.toString()]).toEqual(['done', SECRET]);
      expect(await cache.get(key)).toBe(1);
    });
    it('are left out of a subscription, which goes on', async () => {
      const channel = fresh();
      const messages = await cache.subscribe(channel);
      await foreign.publish(channel, SECRET);
      await cache.publish(channel, { n: 1 });
      expect((await messages.next()).value).toEqual({ channel, value: { n: 1 } });
      await messages.return(undefined);
    });
    it('are named by their own codec, which keeps what it threw', async () => {
      const key = fresh();
      await foreign.set(key, SECRET);
      const mine = target.bottle.cache<number>('contract', {
        codec: {
          encode: (value: number) => Buffer.from([value]),
          decode() {
            throw new RangeError('mine');
          },
        },
      });
      const error = await thrownBy(mine.get(key));
      expect(error).toMatchObject({ reason: 'unreadable-value', cause: new RangeError('mine') });
    });

    describe('under a key of `through`', () => {
      const options = { ttl: 60, local: false } as const;

      it.each([
        ['a text', 'hello, you out there'],
        ['a short text', 'hi'],
        ['an unknown format', `\u0002${'x'.repeat(20)}`],
        ['a header without a time', `\u0001${'x'.repeat(20)}`],
        ['"there is none" with something behind it', `\u0000Bw\u0001\u0001\u0001\u0001\u0001\u0001x`],
      ])('are loaded, and replaced: %s', async (_what, bytes) => {
        const key = fresh();
        await foreign.set(`through:${key}`, bytes);
        expect(await cache.through(key, () => 'loaded', options)).toBe('loaded');
        expect(await cache.through(key, () => 'again', options)).toBe('loaded');
      });
      it('are loaded, and replaced: another kind of value, and a value of another codec', async () => {
        const [list, other] = [fresh(), fresh()];
        await foreign.list(`through:${list}`).push('x');
        await foreign.through(other, () => SECRET, options);
        for (const key of [list, other]) {
          expect(await cache.through(key, () => 'loaded', options)).toBe('loaded');
          expect(await cache.through(key, () => 'again', options)).toBe('loaded');
        }
      });
      it('fail the call when that is asked for', async () => {
        const key = fresh();
        await foreign.set(`through:${key}`, SECRET);
        const call = cache.through(key, () => 'loaded', { ...options, foreign: 'fail' });
        const error: unknown = await call.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'foreign-value', details: { key } });
        expect(inspect(error)).not.toContain('hello');
      });
    });
  });
}
