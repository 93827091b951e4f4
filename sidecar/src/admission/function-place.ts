import type { Invocation, Place } from '../layer.ts';
import { StartWindow } from './start-window.ts';

/** The share of a new figure in what a function typically takes. */
const WEIGHT = 0.1;

/** Is told of every step of every place. */
export type TracePlace = (
  invocation: Invocation,
  step: 'granted' | 'on hold' | 'sent' | 'started' | 'abandoned' | 'over' | 'lost',
) => void;

/** How the places of a function stand, all in places. */
export class PlaceCounts {
  readonly window: StartWindow = new StartWindow();
  /** Not free. */
  taken = 0;
  /** The function process has them. */
  inFlight = 0;
  /** Those of them that nobody waits for any more. */
  abandoned = 0;
  /** Those of them that went alone, and of which nothing has been heard: they may be on their way. */
  unheard = 0;
  /** Granted while the function process takes nothing. */
  onHold = 0;
  /** All that were ever sent. */
  sent = 0;
  /** From sent to answered; 0 while unknown. */
  typicalMs = 0;
  /** A place may be free. */
  readonly onChange: () => void;
  readonly trace: TracePlace | undefined;

  constructor(onChange: () => void, trace: TracePlace | undefined) {
    this.onChange = onChange;
    this.trace = trace;
  }

  tookMs(durationMs: number): void {
    this.typicalMs = this.typicalMs === 0 ? durationMs : this.typicalMs + WEIGHT * (durationMs - this.typicalMs);
  }
}

/** The places that one invocation holds: granted, then in flight until the function process says that it is over. */
export class FunctionPlace implements Place {
  readonly #counts: PlaceCounts;
  readonly #invocation: Invocation;
  readonly #places: number;
  #state: 'granted' | 'onHold' | 'inFlight' | 'free' = 'granted';
  #isLeft = false;
  #isUnheard = false;
  #hasBegun = false;
  readonly #grantedAt: number = performance.now();
  #sentAt = 0;
  #takenMs = 0;
  #onFree: ((takenMs: number) => void) | undefined;

  constructor(counts: PlaceCounts, invocation: Invocation) {
    const { places } = invocation;
    this.#counts = counts;
    this.#invocation = invocation;
    this.#places = places;
    counts.taken += places;
    counts.window.granted(places, this.#grantedAt);
    counts.trace?.(invocation, 'granted');
  }

  hold(): void {
    if (this.#state !== 'granted') return;
    this.#state = 'onHold';
    this.#counts.onHold += this.#places;
    this.#counts.window.withdrawn(this.#places, performance.now());
    this.#counts.trace?.(this.#invocation, 'on hold');
    this.#counts.onChange();
  }

  sent(alone = false): void {
    const { window } = this.#counts;
    const now = performance.now();
    if (this.#state === 'onHold') {
      this.#counts.onHold -= this.#places;
      window.granted(this.#places, now);
    }
    this.#state = 'inFlight';
    this.#sentAt = now;
    this.#counts.inFlight += this.#places;
    this.#counts.sent += this.#places;
    this.#isUnheard = alone;
    if (alone) this.#counts.unheard += this.#places;
    this.#counts.trace?.(this.#invocation, 'sent');
  }

  started(): void {
    this.#hear();
    if (this.#hasBegun) return;
    this.#begin(performance.now());
    this.#counts.trace?.(this.#invocation, 'started');
    this.#counts.onChange();
  }

  answered(): void {
    const now = performance.now();
    this.#counts.tookMs(now - this.#sentAt);
    this.#sentAt = 0;
    this.started();
  }

  /** Without a word about it, what nobody has given up has begun. */
  over(hasBegun = this.#hasBegun || !this.#isLeft): void {
    if (this.#state !== 'inFlight') return;
    const now = performance.now();
    if (this.#sentAt > 0 && !this.#isLeft) this.#counts.tookMs(now - this.#sentAt);
    this.#fly();
    if (hasBegun) this.#begin(now);
    else if (!this.#hasBegun) this.#counts.window.dropped(this.#places);
    this.#counts.trace?.(this.#invocation, 'over');
    this.#free(now);
  }

  lost(): void {
    if (this.#state !== 'inFlight') return;
    this.#fly();
    if (!this.#hasBegun) this.#counts.window.withdrawn(this.#places, performance.now());
    this.#hasBegun = false;
    this.#counts.trace?.(this.#invocation, 'lost');
    if (this.#isLeft) return this.#free(performance.now());
    this.#state = 'onHold';
    this.#counts.onHold += this.#places;
  }

  leave(): void {
    if (this.#isLeft) return;
    this.#isLeft = true;
    if (this.#state === 'inFlight') {
      this.#counts.abandoned += this.#places;
      this.#counts.trace?.(this.#invocation, 'abandoned');
    } else if (this.#state === 'onHold') {
      this.#counts.onHold -= this.#places;
      this.#free(performance.now());
    } else if (this.#state === 'granted') {
      const now = performance.now();
      this.#counts.window.withdrawn(this.#places, now);
      this.#free(now);
    }
  }

  whenFree(callback: (takenMs: number) => void): void {
    if (this.#state === 'free') return callback(this.#takenMs);
    const before = this.#onFree;
    this.#onFree = before
      ? (takenMs) => {
          before(takenMs);
          callback(takenMs);
        }
      : callback;
  }

  #hear(): void {
    if (this.#isUnheard) this.#counts.unheard -= this.#places;
    this.#isUnheard = false;
  }

  #begin(now: number): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#counts.window.begun(this.#places, now);
  }

  /** The function process has it no more. */
  #fly(): void {
    this.#hear();
    this.#counts.inFlight -= this.#places;
    if (this.#isLeft) this.#counts.abandoned -= this.#places;
  }

  #free(now: number): void {
    this.#state = 'free';
    this.#counts.taken -= this.#places;
    this.#takenMs = now - this.#grantedAt;
    this.#onFree?.(this.#takenMs);
    this.#counts.onChange();
  }
}
