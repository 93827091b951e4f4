// A lock that is held, for as long as that can be proven.
//
// 1. What is proven is counted from the moment before a request was sent, by a clock that only goes forward, and is a
//    little shorter than the lease, because no two clocks go equally fast: the lease in the store ends later.
// 2. The signal aborts when the proof ends: by a timer, and whenever somebody looks at it. After a pause of the whole
//    process (SIGSTOP, a debugger) the timer is overdue, but so are others, which may fire before it.
// 3. What was lost is never held again.
// 4. It ends with its scope: the signal aborts as soon as that takes no more calls, and the lock is given back when nothing of
//    it runs any more, or a little later when its code does not end.
import { type BottleError, CallError, Code, definitionOf } from '@bottle/protos';
import type { ResourceCalls } from '../resource-calls.ts';

/** Renewals in one lease. */
const RENEWALS = 3;
/** Pause after a renewal that got no answer, as a part of the lease. */
const RETRY_PART = 20;
const CLOCK_DRIFT_PART = 100;
const RELEASE_TIMEOUT_MS = 5_000;
/** How long code that was given up may take to end before its lock goes to others. */
const UNWIND_MS = 1_000;

export interface Holding {
  calls: ResourceCalls;
  name: string;
  owner: string;
  leaseMs: number;
  fencingToken: bigint;
  /** Milliseconds of `performance.now()` at a moment before the request that the store granted was sent. */
  askedAt: number;
}

/** A lock while it is held. Renewed by itself until it is released; given back when its invocation ends. */
export class Lock implements AsyncDisposable {
  readonly name: string;
  /** Greater than that of every holder before: give it along to what the lock protects, which refuses smaller ones. */
  readonly fencingToken: bigint;
  readonly #holding: Holding;
  readonly #methods = definitionOf('lock');
  readonly #lost = new AbortController();
  /** Aborts, with a BottleError as its reason, when the lock may not be held any more without having been released. */
  readonly signal: AbortSignal;
  #provenUntil = 0;
  #isLost = false;
  #expiry: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #released: Promise<boolean> | undefined;
  readonly #detach: () => void;

  constructor(holding: Holding) {
    const { scope } = holding.calls;
    this.#holding = { ...holding, calls: holding.calls.inScope(scope) };
    this.name = holding.name;
    this.fencingToken = holding.fencingToken;
    this.signal = looksFirst(this.#lost.signal, () => this.#check());
    this.#prove(holding.askedAt);
    let unwinding: NodeJS.Timeout | undefined;
    this.#detach = scope.attach({
      onClose: ({ message }) => {
        if (this.#released) return;
        this.#lose(message);
        unwinding = setTimeout(() => void this[Symbol.asyncDispose](), UNWIND_MS).unref();
      },
      onOver: () => {
        clearTimeout(unwinding);
        void this[Symbol.asyncDispose]();
      },
    });
  }

  /** Whether it is certainly held at this moment. */
  get isHeld(): boolean {
    return !this.signal.aborted && this.#released === undefined;
  }

  /** Throws ABORTED when the lock may not be held any more. */
  assertHeld(): void {
    if (this.isHeld) return;
    this.signal.throwIfAborted();
    throw lost(this.name, 'it was released');
  }

  /** Gives it back, once. False when it had been lost before. Rejects when the store does not answer. */
  release(): Promise<boolean> {
    this.#released ??= this.#release();
    return this.#released;
  }

  /** The same; without an answer the lease ends by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => {}); // nothing depends on it: the lease is not renewed any more
  }

  async #release(): Promise<boolean> {
    this.#detach();
    clearTimeout(this.#expiry);
    clearTimeout(this.#renewal);
    const { calls, name, owner } = this.#holding;
    return await releaseLock(calls, name, owner);
  }

  /** Held from a moment on for the length of the lease. (1) */
  #prove(from: number): void {
    const { leaseMs } = this.#holding;
    this.#provenUntil = from + leaseMs * (1 - 1 / CLOCK_DRIFT_PART);
    this.#watch();
    this.#scheduleRenewal(leaseMs / RENEWALS);
  }

  /** Timers may fire a little early. */
  #watch(): void {
    clearTimeout(this.#expiry);
    if (!this.isHeld) return;
    this.#expiry = setTimeout(() => this.#watch(), Math.ceil(this.#provenUntil - performance.now())).unref();
  }

  #scheduleRenewal(afterMs: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => void this.#renew(), afterMs).unref();
  }

  async #renew(): Promise<void> {
    const { calls, name, owner, leaseMs } = this.#holding;
    if (!this.isHeld) return; // 2, 3
    const askedAt = performance.now();
    const timeoutMs = this.#provenUntil - askedAt;
    try {
      const { acquired } = await calls.unary(this.#methods.Renew, { name, owner, leaseMs }, { timeoutMs });
      if (!this.isHeld) return; // 3
      if (acquired) this.#prove(askedAt);
      else this.#lose('somebody else may hold it');
    } catch {
      // What went wrong shows when the proof ends; until then it may pass.
      if (this.isHeld) this.#scheduleRenewal(leaseMs / RETRY_PART);
    }
  }

  /** Looks at the clock. */
  #check(): void {
    if (this.#released || this.#isLost) return;
    if (performance.now() >= this.#provenUntil) this.#lose('its lease was not renewed in time');
  }

  #lose(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearTimeout(this.#expiry);
    clearTimeout(this.#renewal);
    this.#lost.abort(lost(this.name, why));
  }
}

/** The same signal, which calls `look` whenever it is asked whether it has aborted. (2) */
function looksFirst(signal: AbortSignal, look: () => void): AbortSignal {
  const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get;
  return Object.defineProperties(signal, {
    aborted: {
      get() {
        look();
        return isAborted?.call(signal) as boolean;
      },
    },
    throwIfAborted: {
      value() {
        look();
        AbortSignal.prototype.throwIfAborted.call(signal);
      },
    },
  });
}

/** Gives a lock back, even when the invocation is over. */
export async function releaseLock(calls: ResourceCalls, name: string, owner: string): Promise<boolean> {
  using scope = calls.scope.process.derive({ timeoutMs: RELEASE_TIMEOUT_MS, signal: undefined });
  const holder = { name, owner, leaseMs: 0 };
  return (await calls.inScope(scope).unary(definitionOf('lock').Release, holder)).released;
}

function lost(name: string, why: string): BottleError {
  return new CallError(Code.ABORTED, 'lock-lost', `the lock "${name}" is not held any more: ${why}`);
}
