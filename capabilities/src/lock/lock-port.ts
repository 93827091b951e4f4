import type { Driver } from '../capability.ts';
import type { SharedState } from './shared-state.ts';

/** A wish to hold a lock. */
export interface LockWish {
  name: string;
  /** Unique for each holder. Who holds the lock already gets it again, with the same fencing token. */
  owner: string;
  leaseMs: number;
  /** How long to wait; 0: not at all. */
  waitMs: number;
  /** Ends the waiting. */
  signal: AbortSignal;
}

/** A lock that was granted. */
export interface LockGrant {
  token: bigint;
  /** From the call to the attempt that succeeded, in milliseconds: the lease began after it. */
  waitedMs: number;
}

/**
 * What a lock driver does. Fencing tokens grow strictly with every holder of a name, whatever the store forgets: they are
 * tenths of a millisecond of its clock, which a JavaScript number holds exactly.
 */
export interface LockDriver extends Driver {
  /** What the platform itself keeps where the locks are. */
  readonly shared: SharedState;
  /** Undefined when others hold the lock. The driver may give up waiting sooner than asked. */
  acquire(wish: LockWish): Promise<LockGrant | undefined>;
  /** Makes the lease last for its duration again, from now; undefined when it was lost. */
  renew(name: string, owner: string, leaseMs: number): Promise<bigint | undefined>;
  /** False when it had been lost. */
  release(name: string, owner: string): Promise<boolean>;
}

/** Where locks are kept: a LockDriver without the waiting. */
export interface LockStore extends Omit<LockDriver, 'acquire'> {
  /** One attempt: the token, or when to look again at the latest. */
  attempt(name: string, owner: string, leaseMs: number): Promise<{ token: bigint } | { againInMs: number }>;
}
