/** How much work of one function may wait in the function process for its beginning, in milliseconds of starts. */
const TARGET_MS = 20;
/** Less would leave the function process idle while the next one is on its way. */
const MIN_PLACES = 2;
/** Shorter samples tell nothing: starts are told of in groups. */
const SAMPLE_MS = 20;
/** A rate that was not reached again for so long counts half. */
const HALF_LIFE_MS = 300;

/**
 * How many invocations of a function may have been sent to the function process and not have begun: as many as begin in
 * TARGET_MS. The rate is the highest one of late, measured while some waited there (the window of TCP BBR: the highest delivery
 * rate times the wanted delay); not the average, which would be too low whenever this process itself is late with the next ones.
 * Not the latency counts but how fast starts go: a function that waits for a slow dependency starts as fast as ever.
 */
export class StartWindow {
  #unstarted = 0;
  /** Places a millisecond; 0 while nothing is known. */
  #rate = 0;
  #sampleFrom = 0;
  #sampleBegun = 0;

  /** In places; Infinity while nothing is known. */
  get size(): number {
    return this.#rate === 0 ? Number.POSITIVE_INFINITY : Math.max(MIN_PLACES, 1 + Math.round(TARGET_MS * this.#rate));
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
    const old = this.#rate * 0.5 ** (elapsedMs / HALF_LIFE_MS);
    this.#rate = Math.max(old, this.#sampleBegun / Math.max(elapsedMs, 0.05));
    this.#sampleFrom = now;
    this.#sampleBegun = 0;
  }

  /** They were dropped before they began. */
  dropped(places: number): void {
    this.#unstarted -= places;
    if (this.#unstarted === 0) this.#sampleBegun = 0;
  }

  /** They do not go for the time being: that tells nothing of how fast starts are. */
  withdrawn(places: number, now: number): void {
    this.#unstarted -= places;
    this.#sampleFrom = now;
    this.#sampleBegun = 0;
  }
}
