import { BottleError, Code } from '@bottle/protos';
import type { LockDriver, LockStore } from './lock-port.ts';
import { createMemoryState } from './memory-state.ts';
import { createWaitingLocks } from './waiting-locks.ts';

/** Most locks that are held at once. */
const MAX_NAMES = 1_000_000;

export interface MemoryLockOptions {
  /** Longest that one call waits, in milliseconds. @default 2500 */
  maxWaitMs?: number;
  /** Milliseconds of a monotonic clock. */
  now?(): number;
  /** Milliseconds since 1970. */
  wallClock?(): number;
}

interface Entry {
  owner: string;
  token: bigint;
  expiresAt: number;
}

/**
 * Locks in this process: for development, tests, and single pods. Fencing tokens are the time in tenths of a millisecond, or one
 * more than the last one where that is greater: those of the next process are greater, too.
 */
export function createMemoryLock(options: MemoryLockOptions = {}): LockDriver {
  const { maxWaitMs = 2_500, now = () => performance.now(), wallClock = () => Date.now() } = options;
  const entries = new Map<string, Entry>();
  let lastToken = 0;
  const nextToken = (): bigint => {
    lastToken = Math.max(wallClock() * 10, lastToken + 1);
    return BigInt(lastToken);
  };
  const held = (name: string): Entry | undefined => {
    const entry = entries.get(name);
    if (!entry || entry.expiresAt > now()) return entry;
    entries.delete(name);
    return undefined;
  };
  const heldBy = (name: string, owner: string): Entry | undefined => {
    const entry = held(name);
    return entry?.owner === owner ? entry : undefined;
  };
  const makeRoom = (): void => {
    if (entries.size < MAX_NAMES) return;
    for (const name of entries.keys()) held(name);
    if (entries.size >= MAX_NAMES)
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'too-many-locks', `more than ${MAX_NAMES} locks are held`);
  };

  const store: LockStore = {
    problem: undefined,
    shared: createMemoryState({ now }),
    ping: async () => {},
    async attempt(name, owner, leaseMs) {
      const entry = held(name);
      if (entry && entry.owner !== owner) return { againInMs: Math.ceil(entry.expiresAt - now()) };
      if (!entry) makeRoom();
      const token = entry?.token ?? nextToken();
      entries.set(name, { owner, token, expiresAt: now() + leaseMs });
      return { token };
    },
    async renew(name, owner, leaseMs) {
      const entry = heldBy(name, owner);
      if (entry) entry.expiresAt = now() + leaseMs;
      return entry?.token;
    },
    release: async (name, owner) => heldBy(name, owner) !== undefined && entries.delete(name),
    async close() {
      entries.clear();
    },
  };
  return createWaitingLocks(store, { maxWaitMs });
}
