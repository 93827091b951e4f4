import { createWaitingLocks, type LockDriver, type LockStore } from '@bottle/capabilities';
import type { RedisLockConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { connectRedis } from '../redis/redis-connection.ts';
import { ACQUIRE, RELEASE, RENEW } from './lock-scripts.ts';
import { type RedisScript, runScript } from './redis-script.ts';
import { createRedisState } from './redis-state.ts';

/** Between attempts while another pod holds the lock; at random, so that pods do not ask in step. */
const MIN_POLL_MS = 10;
const MAX_POLL_MS = 50;

/** Locks in Redis: every pod's sidecar that uses the same server and prefix shares them. */
export async function createRedisLock(settings: RedisLockConfig, { id, log }: NamedDriverContext): Promise<LockDriver> {
  const connection = connectRedis({ settings, id, log });

  /** All keys of a name have its hash tag, so a cluster keeps them together. */
  function keysOf(name: string): string[] {
    const tag = `{${name.replace(/[%{}]/g, encodeURIComponent)}}`;
    const own = [`bottle:lock:${tag}:owner`, `bottle:lock:${tag}:fence`];
    const ofOlderPods = [`${tag}:owner`, `${tag}:fence`];
    return [...own, ...ofOlderPods].map((key) => settings.keyPrefix + key);
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
