import { BottleError, Code } from '@bottle/protos';
import type { LockDriver, LockStore } from './lock-port.ts';
import { createMemoryState } from './memory-state.ts';
import { createWaitingLocks } from './waiting-locks.ts';

/** Names whose last fencing token is remembered. */
const MAX_NAMES = 1_000_000;

export interface MemoryLockOptions {
  /** Longest that one call waits, in milliseconds. @default 2500 */
  maxWaitMs?: number;
  /** Milliseconds of a monotonic clock. */
  now?(): number;
}

interface Entry {
  owner: string;
  token: bigint;
  expiresAt: number;
}

/** Locks in this process: for development, tests, and single pods. Fencing tokens start again with the process. */
export function createMemoryLock(options: MemoryLockOptions = {}): LockDriver {
  const { maxWaitMs = 2_500, now = () => performance.now() } = options;
  const entries = new Map<string, Entry>();
  const heldBy = (name: string, owner: string): Entry | undefined => {
    const entry = entries.get(name);
    return entry && entry.owner === owner && entry.expiresAt > now() ? entry : undefined;
  };

  const store: LockStore = {
    problem: undefined,
    shared: createMemoryState({ now }),
    ping: async () => {},
    async attempt(name, owner, leaseMs) {
      const entry = entries.get(name);
      const leftMs = entry && entry.owner !== owner ? entry.expiresAt - now() : 0;
      if (leftMs > 0) return { againInMs: Math.ceil(leftMs) };
      if (!entry && entries.size >= MAX_NAMES)
        throw new BottleError(Code.RESOURCE_EXHAUSTED, 'too-many-locks', `more than ${MAX_NAMES} names of locks`);
      const token = heldBy(name, owner)?.token ?? (entry?.token ?? 0n) + 1n;
      entries.set(name, { owner, token, expiresAt: now() + leaseMs });
      return { token };
    },
    async renew(name, owner, leaseMs) {
      const entry = heldBy(name, owner);
      if (entry) entry.expiresAt = now() + leaseMs;
      return entry?.token;
    },
    async release(name, owner) {
      const entry = heldBy(name, owner);
      if (entry) entry.expiresAt = 0; // the token stays: the next one must be greater
      return entry !== undefined;
    },
    async close() {
      entries.clear();
    },
  };
  return createWaitingLocks(store, { maxWaitMs });
}
