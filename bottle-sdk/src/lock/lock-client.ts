import { randomUUID } from 'node:crypto';
import { BottleError, CallError, Code, definitionOf } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { Lock, releaseLock } from './held-lock.ts';

export interface AcquireOptions extends CallOptions {
  /** How long the lock outlives a holder that vanishes. Renewed every third of it. @default '10s' */
  lease?: Duration;
  /** How long to wait while others hold it. @default '5s'; tryAcquire: 0 */
  wait?: Duration;
}

const DEFAULT_LEASE_MS = 10_000;
const DEFAULT_WAIT_MS = 5_000;
/** A lease is a 32-bit number of milliseconds, for timers here and in the contract. */
const MAX_LEASE_MS = 2 ** 31 - 1;

/** One lock resource: locks by name, one holder each among all pods that share it. */
export class LockClient {
  readonly #calls: ResourceCalls;
  readonly #methods = definitionOf('lock');

  constructor(calls: ResourceCalls) {
    this.#calls = calls;
  }

  /** Takes a lock. Throws ABORTED (`lock-taken`) when others held it for all of the wait. */
  async acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    const waitMs = options.wait === undefined ? DEFAULT_WAIT_MS : toMs(options.wait);
    const lock = await this.#acquire(name, waitMs, options);
    if (lock) return lock;
    throw new CallError(Code.ABORTED, 'lock-taken', `others held the lock "${name}" for ${waitMs} ms`);
  }

  /** Takes a lock, or answers undefined when others hold it. */
  tryAcquire(name: string, options: AcquireOptions = {}): Promise<Lock | undefined> {
    return this.#acquire(name, options.wait === undefined ? 0 : toMs(options.wait), options);
  }

  /**
   * Runs code while holding a lock, and gives it back. Throws ABORTED (`lock-lost`) when it was lost before the code was
   * done: others may have run at the same time.
   */
  async withLock<Result>(
    name: string,
    options: AcquireOptions,
    code: (lock: Lock) => Promise<Result> | Result,
  ): Promise<Result> {
    await using lock = await this.acquire(name, options);
    const result = await code(lock);
    lock.signal.throwIfAborted();
    return result;
  }

  async #acquire(name: string, waitMs: number, options: AcquireOptions): Promise<Lock | undefined> {
    const { lease, signal, timeoutMs } = options;
    const leaseMs = lease === undefined ? DEFAULT_LEASE_MS : Math.min(toMs(lease), MAX_LEASE_MS);
    const owner = randomUUID();
    const deadline = performance.now() + waitMs;
    // The sidecar answers sooner than asked when the wait is long.
    for (;;) {
      const leftMs = Math.max(0, Math.ceil(deadline - performance.now()));
      const askedAt = performance.now();
      const request = { name, owner, leaseMs, waitMs: Math.min(leftMs, MAX_LEASE_MS) };
      try {
        const answer = await this.#calls.unary(this.#methods.Acquire, request, { signal, timeoutMs });
        if (answer.acquired) {
          const fencingToken = BigInt(answer.fencingToken);
          const grantedAfter = askedAt + answer.waitedMs;
          return new Lock({ calls: this.#calls, name, owner, leaseMs, fencingToken, askedAt: grantedAfter });
        }
      } catch (error) {
        // It may have been granted all the same: nobody else would get it until the lease ends.
        if (isOpen(error)) void releaseLock(this.#calls, name, owner).catch(() => {}); // then it ends by itself
        throw error;
      }
      if (performance.now() >= deadline) return undefined;
    }
  }
}

/** Whether a failed call may have had its effect. */
function isOpen(error: unknown): boolean {
  const { code } = BottleError.from(error);
  return code === Code.CANCELLED || code === Code.DEADLINE_EXCEEDED || code === Code.UNAVAILABLE;
}
