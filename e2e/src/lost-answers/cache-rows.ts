import type { CacheClient } from 'bottle-sdk';
import { type Row, toldOf } from './row.ts';

const UNKNOWN = 'unknown (outcome-unknown)';
/** Doing it twice does no harm, but the platform may not: the answers differ. */
const HARMLESS = 'unknown, again (outcome-unknown)';

/** `change` loses its answer; `look` is what the server has afterwards. */
function cacheRow(
  operation: string,
  told: string,
  truth: unknown,
  change: (cache: CacheClient, key: string) => Promise<unknown>,
  look: (cache: CacheClient, key: string) => Promise<unknown>,
  prepare?: (cache: CacheClient, key: string) => Promise<unknown>,
): Row {
  return {
    capability: 'cache',
    operation,
    told,
    truth,
    async run({ bottle, lose }, key) {
      const lossy = bottle.cache('lossy');
      const direct = bottle.cache('direct');
      await prepare?.(direct, key);
      await lossy.get('a connection that stands').catch(() => {});
      lose(key);
      const said = await toldOf(() => change(lossy, key));
      return { told: said, truth: await look(direct, key) };
    },
  };
}

/** Known to the server from its first time on: then it is sent by its digest. */
const INCREMENT = 'return redis.call("INCR", KEYS[1])';
const value = (cache: CacheClient, key: string): Promise<unknown> => cache.get(key);
const list = (cache: CacheClient, key: string): Promise<unknown> => cache.list(key).range();

/** How often its listeners got it: what comes before a second message that is published past the proxy. */
const PUBLISH_ROW: Row = {
  capability: 'cache',
  operation: 'publish',
  told: UNKNOWN,
  truth: 1,
  async run({ bottle, lose }, key) {
    const direct = bottle.cache('direct');
    const messages = await direct.subscribe(key);
    lose(key);
    const told = await toldOf(() => bottle.cache('lossy').publish(key, 'lost'));
    await direct.publish(key, 'end');
    let received = 0;
    for await (const { value: message } of messages) {
      if (message === 'end') break;
      received += 1;
    }
    return { told, truth: received };
  },
};

export const CACHE_ROWS: readonly Row[] = [
  cacheRow('get', 'answered 1', 1, value, value, (cache, key) => cache.set(key, 1)),
  cacheRow('set', 'answered true', 1, (cache, key) => cache.set(key, 1), value),
  cacheRow('set, if absent', UNKNOWN, 1, (cache, key) => cache.set(key, 1, { if: 'absent' }), value),
  cacheRow('replace', HARMLESS, 1, (cache, key) => cache.replace(key, 1), value),
  cacheRow('setMany', 'answered null', 1, async (cache, key) => (await cache.setMany({ [key]: 1 })) ?? null, value),
  cacheRow(
    'delete',
    HARMLESS,
    null,
    (cache, key) => cache.delete(key),
    async (cache, key) => (await cache.get(key)) ?? null,
    (cache, key) => cache.set(key, 1),
  ),
  cacheRow(
    'expire',
    'answered true',
    true,
    (cache, key) => cache.expire(key, 100),
    async (cache, key) => ((await cache.ttlMs(key)) ?? 0) > 90_000,
    (cache, key) => cache.set(key, 1),
  ),
  cacheRow('increment', UNKNOWN, 1, (cache, key) => cache.increment(key), value),
  cacheRow('command INCRBY', UNKNOWN, 5, (cache, key) => cache.command('INCRBY', [key], ['5']), value),
  cacheRow(
    'script',
    UNKNOWN,
    2,
    (cache, key) => cache.script(INCREMENT, [key]),
    value,
    (cache, key) => cache.script(INCREMENT, [key]),
  ),
  cacheRow('transaction', UNKNOWN, 1, (cache, key) => cache.transaction((tx) => tx.increment(key)), value),
  cacheRow(
    'hash set',
    HARMLESS,
    { a: 1 },
    (cache, key) => cache.hash(key).set({ a: 1 }),
    async (cache, key) => Object.fromEntries(await cache.hash(key).entries()),
  ),
  cacheRow(
    'hash increment',
    UNKNOWN,
    1,
    (cache, key) => cache.hash(key).increment('a'),
    (cache, key) => cache.hash(key).get('a'),
  ),
  cacheRow('list push', UNKNOWN, [1], (cache, key) => cache.list(key).push(1), list),
  cacheRow(
    'list popLeft',
    UNKNOWN,
    [2],
    (cache, key) => cache.list(key).popLeft(),
    list,
    (cache, key) => cache.list(key).push(1, 2),
  ),
  cacheRow(
    'list trim, to the first two',
    'answered null',
    [1, 2],
    async (cache, key) => (await cache.list(key).trim(0, 1)) ?? null,
    list,
    (cache, key) => cache.list(key).push(1, 2, 3),
  ),
  cacheRow(
    'list trim, all but the first',
    UNKNOWN,
    [2, 3],
    (cache, key) => cache.list(key).trim(1, -1),
    list,
    (cache, key) => cache.list(key).push(1, 2, 3),
  ),
  cacheRow(
    'set add',
    HARMLESS,
    1,
    (cache, key) => cache.setOf(key).add(1),
    (cache, key) => cache.setOf(key).size(),
  ),
  cacheRow(
    'sorted set add',
    HARMLESS,
    1,
    (cache, key) => cache.sortedSet(key).add([{ member: 1, score: 5 }]),
    (cache, key) => cache.sortedSet(key).size(),
  ),
  cacheRow(
    'sorted set increment',
    UNKNOWN,
    1,
    (cache, key) => cache.sortedSet(key).increment(7),
    async (cache, key) => (await cache.sortedSet(key).score(7)) ?? null,
  ),
  PUBLISH_ROW,
];

export const LOCK_ROWS: readonly Row[] = [
  {
    capability: 'lock',
    operation: 'withLock',
    told: 'answered "held"',
    truth: 'free',
    async run({ bottle, lose }, key) {
      lose(key);
      const told = await toldOf(() => bottle.lock('lossy').withLock(key, {}, async () => 'held'));
      return { told, truth: await bottle.lock('direct').withLock(key, {}, async () => 'free') };
    },
  },
];

export const CONFIG_ROWS: readonly Row[] = [
  {
    capability: 'config',
    operation: 'set',
    told: UNKNOWN,
    truth: 1,
    async run({ bottle, lose }, key) {
      lose(key);
      const told = await toldOf(() => bottle.config('lossy').set(key, 1));
      return { told, truth: await bottle.config('lossy').get(key) };
    },
  },
];
