// How callers wait for locks, whatever store keeps them.
//
// 1. Of all who wait for a name in this process only the first one asks the store: a thousand of them cost as much as one.
// 2. They are served in the order they came; processes among each other are not.
// 3. A lock that is granted to somebody who has left meanwhile is given back at once.
import type { LockDriver, LockGrant, LockStore, LockWish } from './lock-port.ts';

export interface WaitingLocksOptions {
  /** Longest that one call waits, whatever it asks for: it must come back before its deadline. */
  maxWaitMs: number;
}

/** A lock driver that waits for the locks of a store. */
export function createWaitingLocks(store: LockStore, { maxWaitMs }: WaitingLocksOptions): LockDriver {
  const lines = new Map<string, Waiter[]>();

  async function acquire({ name, owner, leaseMs, waitMs, signal }: LockWish): Promise<LockGrant | undefined> {
    signal.throwIfAborted();
    const calledAt = performance.now();
    const deadline = calledAt + Math.min(waitMs, maxWaitMs);
    const line = lines.get(name) ?? [];
    if (line.length > 0 && waitMs === 0) return undefined;
    lines.set(name, line);
    const waiter = new Waiter();
    line.push(waiter);
    try {
      for (;;) {
        let pauseMs = Number.POSITIVE_INFINITY;
        if (line[0] === waiter) {
          waiter.isWoken = false;
          const waitedMs = performance.now() - calledAt;
          const answer = await store.attempt(name, owner, leaseMs);
          if ('token' in answer) {
            if (!signal.aborted) return { token: answer.token, waitedMs };
            await store.release(name, owner); // 3
          }
          signal.throwIfAborted();
          if ('againInMs' in answer) pauseMs = answer.againInMs;
        }
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) return undefined;
        await waiter.pause(Math.min(pauseMs, leftMs), signal);
      }
    } finally {
      const wasFirst = line[0] === waiter;
      line.splice(line.indexOf(waiter), 1);
      if (line.length === 0) lines.delete(name);
      else if (wasFirst) line[0]?.wake();
    }
  }

  return {
    get problem() {
      return store.problem;
    },
    shared: store.shared,
    ping: () => store.ping(),
    acquire,
    renew: (name, owner, leaseMs) => store.renew(name, owner, leaseMs),
    async release(name, owner) {
      const released = await store.release(name, owner);
      if (released) lines.get(name)?.[0]?.wake();
      return released;
    },
    close: () => store.close(),
  };
}

/** One who waits. */
class Waiter {
  /** Something happened since this was last set to false: the next pause is none. */
  isWoken = false;
  #resume: (() => void) | undefined;

  wake(): void {
    this.isWoken = true;
    this.#resume?.();
  }

  /** Resolves after the time, or when woken. Rejects when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void> {
    if (this.isWoken || signal.aborted)
      return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#resume = undefined;
        settle();
      };
      const onAbort = (): void => end(() => reject(signal.reason as Error));
      const timer = setTimeout(() => end(resolve), ms);
      this.#resume = () => end(resolve);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
