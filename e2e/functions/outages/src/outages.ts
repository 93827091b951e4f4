import { bottle, defineFunction } from 'bottle-sdk';

const options = { ttl: 1, stale: 1 };

/** Each of the servers once, whether the others are there or not. */
export const use = defineFunction.http(async (ctx) => {
  const cache = bottle.cache('shared');
  const { signal } = ctx;
  const results = await Promise.allSettled([
    cache.set('key', 1, { signal }),
    cache.through('item', async () => 1, options),
    cache.transaction((tx) => tx.increment('visits')),
    bottle.lock('shared').withLock('one', { wait: '500ms', signal }, () => 1),
    bottle.db('shop').sql`select 1 as one`,
    bottle.db('shop').transaction(async (tx) => tx.sql`select 2 as two`),
    bottle.mq('queue').publish('used', { at: Date.now() }),
  ]);
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as { reason: string }] : [],
  );
  return { failed: failed.map(({ reason }) => reason) };
});

export const consume = defineFunction.mq(async () => {});

export const tick = defineFunction.timer(async () => {});
