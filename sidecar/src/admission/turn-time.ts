/** The share of a new figure in the estimate. */
const WEIGHT = 0.1;
/** What the estimate loses when a rush ends before it could be measured again. */
const DECAY = 0.9;

/**
 * How long it takes, while every place of a function is taken, until one is free again: the line moves by one in that
 * time. A moving average of the pauses between releases, so that streams, slow and fast invocations count as they come.
 */
export class TurnTime {
  #averageMs: number | undefined;
  #releasedAt: number | undefined;

  /** Milliseconds; undefined while nothing is known. */
  get averageMs(): number | undefined {
    return this.#averageMs;
  }

  /** A place was given back while all were taken. `nowMs` is on any steady clock. */
  released(nowMs: number): void {
    if (this.#releasedAt !== undefined) {
      const pauseMs = nowMs - this.#releasedAt;
      this.#averageMs =
        this.#averageMs === undefined ? pauseMs : this.#averageMs + WEIGHT * (pauseMs - this.#averageMs);
    }
    this.#releasedAt = nowMs;
  }

  /** There are free places now. */
  relaxed(): void {
    if (this.#releasedAt === undefined) return;
    this.#releasedAt = undefined;
    if (this.#averageMs !== undefined) this.#averageMs *= DECAY;
  }
}
