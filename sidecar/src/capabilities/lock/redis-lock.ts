import { createWaitingLocks, type LockDriver, type LockStore } from '@bottle/capabilities';
import type { RedisLockConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { connectRedis } from '../redis/redis-connection.ts';
import { type RedisScript, redisScript, runScript } from './redis-script.ts';
import { createRedisState } from './redis-state.ts';

/** Between attempts while another pod holds the lock; at random, so that pods do not ask in step. */
const MIN_POLL_MS = 10;
const MAX_POLL_MS = 50;

/** Answers the token, or the milliseconds that the holder's lease still lasts. The counter has no expiry. */
const ACQUIRE = redisScript(`
  local holder = redis.call('GET', KEYS[1])
  if holder and holder ~= ARGV[1] then return {0, redis.call('PTTL', KEYS[1])} end
  local token = holder and redis.call('GET', KEYS[2]) or redis.call('INCR', KEYS[2])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {1, tostring(token)}
`);

const RENEW = redisScript(`
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return redis.call('GET', KEYS[2])
`);

const RELEASE = redisScript(`
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])
`);

/** Locks in Redis: every pod's sidecar that uses the same server and prefix shares them. */
export async function createRedisLock(settings: RedisLockConfig, { id, log }: NamedDriverContext): Promise<LockDriver> {
  const connection = connectRedis({ settings, id, log });

  /** Both keys of a name have its hash tag, so a cluster keeps them together. */
  function keysOf(name: string): string[] {
    const tag = name.replace(/[%{}]/g, encodeURIComponent);
    return [`${settings.keyPrefix}{${tag}}:owner`, `${settings.keyPrefix}{${tag}}:fence`];
  }

  const run = (script: RedisScript, name: string, args: readonly string[]): Promise<unknown> =>
    runScript(connection, script, keysOf(name), args);

  const store: LockStore = {
    get problem() {
      return connection.problem;
    },
    shared: createRedisState(connection, settings.keyPrefix),
    async ping() {
      await connection.run((client) => client.ping());
    },
    async attempt(name, owner, leaseMs) {
      const [acquired, value] = (await run(ACQUIRE, name, [owner, String(leaseMs)])) as [number, string | number];
      if (acquired === 1) return { token: BigInt(value) };
      const pollMs = MIN_POLL_MS + Math.random() * (MAX_POLL_MS - MIN_POLL_MS);
      const leftMs = Number(value);
      return { againInMs: leftMs > 0 ? Math.min(pollMs, leftMs) : pollMs };
    },
    async renew(name, owner, leaseMs) {
      const token = (await run(RENEW, name, [owner, String(leaseMs)])) as string | null;
      return token === null ? undefined : BigInt(token);
    },
    release: async (name, owner) => (await run(RELEASE, name, [owner])) === 1,
    close: () => connection.close(),
  };
  // A call that waits must come back before its deadline, to say that it was in vain.
  return createWaitingLocks(store, { maxWaitMs: settings.policy.timeoutMs / 2 });
}
