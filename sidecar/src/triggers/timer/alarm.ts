/** Longest that one timeout lasts: a clock that was set meanwhile is noticed within it. Far below what Node.js takes. */
const MAX_SLEEP_MS = 60_000;

/** Calls once at a time; setting it anew replaces the time. It may call sooner: look at the clock. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings after so many milliseconds, or after a minute if that is sooner. */
  set(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ring, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_SLEEP_MS));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
