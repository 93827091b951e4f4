import { setTimeout as delay } from 'node:timers/promises';
import { bottle, defineFunction } from 'bottle-sdk';

/** What a store does that a lock protects: it takes a write only with a token that is no smaller than the last one. */
const WRITE = `
  local last = tonumber(redis.call('HGET', KEYS[1], 'token') or '0')
  if tonumber(ARGV[1]) < last then return 0 end
  redis.call('HSET', KEYS[1], 'token', ARGV[1], 'writer', ARGV[2])
  redis.call('RPUSH', KEYS[2], ARGV[1])
  return 1
`;

/** Writes to a shared store for as long as it holds the lock; when it lost it, tries once more. */
export const work = defineFunction.http<{ who: string; forMs: number; leaseMs: number }>(async (_ctx, event) => {
  const { who, forMs, leaseMs } = event;
  const store = bottle.cache('store');
  const write = async (token: bigint): Promise<boolean> => {
    const keys = ['{protected}:state', '{protected}:log'];
    return Number(await store.script(WRITE, keys, [String(token), who])) === 1;
  };
  await using lock = await bottle.lock('orders').acquire('order:7', { lease: `${leaseMs}ms`, wait: '20s' });
  const until = performance.now() + forMs;
  let writes = 0;
  let refusedWhileHeld = 0;
  while (lock.isHeld && performance.now() < until) {
    if (await write(lock.fencingToken)) writes += 1;
    else refusedWhileHeld += 1;
    await delay(10);
  }
  const isLost = lock.signal.aborted;
  const wroteAfterLoss = isLost && (await write(lock.fencingToken));
  const token = Number(lock.fencingToken);
  return { who, token, writes, refusedWhileHeld, isLost, wroteAfterLoss, released: await lock.release() };
});
