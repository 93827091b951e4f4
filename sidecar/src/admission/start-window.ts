/** How much work of one function may wait in the function process for its beginning, in milliseconds of starts. */
const TARGET_MS = 15;
/** Less would leave the function process idle while the next one is on its way. */
const MIN_PLACES = 2;
/** Shorter samples tell nothing: starts are told of in groups. */
const SAMPLE_MS = 5;
/** What a sample leaves of those before it. */
const DECAY = 0.8;

/**
 * How many invocations of a function may have been sent to the function process and not have begun: as many as begin in
 * TARGET_MS. The rate is measured while some wait there (the same idea as the window of TCP BBR: rate times wanted delay).
 * Not the latency counts but how fast starts go: a function that waits for a slow dependency starts as fast as ever.
 */
export class StartWindow {
  #unstarted = 0;
  /** Decayed sums: so many began in so many milliseconds during which some waited. */
  #begun = 0;
  #busyMs = 0;
  #sampleFrom = 0;
  #sampleBegun = 0;

  /** In places; Infinity while nothing is known. */
  get size(): number {
    if (this.#begun === 0) return Number.POSITIVE_INFINITY;
    return Math.max(MIN_PLACES, 1 + Math.round((TARGET_MS * this.#begun) / Math.max(this.#busyMs, 0.01)));
  }

  /** Whoever wants more than there ever is goes alone. */
  hasRoomFor(places: number): boolean {
    return this.#unstarted === 0 || this.#unstarted + places <= this.size;
  }

  /** They may go. */
  granted(places: number, now: number): void {
    if (this.#unstarted === 0) this.#sampleFrom = now;
    this.#unstarted += places;
  }

  /** They have begun, or never will. */
  begun(places: number, now: number): void {
    this.#unstarted -= places;
    this.#sampleBegun += places;
    const elapsedMs = now - this.#sampleFrom;
    if (this.#unstarted > 0 && elapsedMs < SAMPLE_MS) return;
    this.#begun = this.#begun * DECAY + this.#sampleBegun;
    this.#busyMs = this.#busyMs * DECAY + elapsedMs;
    this.#sampleFrom = now;
    this.#sampleBegun = 0;
  }

  /** They do not go for the time being: that tells nothing of how fast starts are. */
  withdrawn(places: number, now: number): void {
    this.#unstarted -= places;
    this.#sampleFrom = now;
    this.#sampleBegun = 0;
  }
}
