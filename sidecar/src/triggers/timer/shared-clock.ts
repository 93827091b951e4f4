/**
 * The time of the lock store, which all pods share, kept by the monotonic clock between two answers of the store. So a
 * jump of this machine's wall clock, or a wrong one, moves no tick.
 */
export class SharedClock {
  readonly #monotonic: () => number;
  #offsetMs: number | undefined;

  /** @param monotonic milliseconds of a clock that never goes back */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** The store has been heard of. */
  get isSet(): boolean {
    return this.#offsetMs !== undefined;
  }

  /** On the monotonic clock. */
  get elapsedMs(): number {
    return this.#monotonic();
  }

  /** Milliseconds since 1970; the machine's own clock before the store was first heard of. */
  now(): number {
    return this.#offsetMs === undefined ? Date.now() : this.#monotonic() + this.#offsetMs;
  }

  /**
   * The store said `storeMs` at some moment since `askedAt`, on the monotonic clock. An estimate that agrees with that is
   * kept, one that does not is moved no further than it must.
   */
  learn(storeMs: number, askedAt: number): void {
    const elapsed = this.#monotonic();
    const earliest = storeMs - elapsed;
    const latest = storeMs - askedAt;
    this.#offsetMs = Math.min(Math.max(this.#offsetMs ?? earliest, earliest), latest);
  }
}
