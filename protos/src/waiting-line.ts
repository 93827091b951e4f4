// Who waits for a place, and for how long.
//  1. Calm: first come, first served. Nobody is let in who could not be done in time, as fast as the line moves.
//  2. Standing overload: newest first, and nobody waits longer than MAX_STANDING_MS; who was let in before gets every second
//     place, and every one when that would be too late. This is adaptive LIFO with controlled delay (Maurer, Fail at Scale, ACM
//     Queue 13(8), 2015); docs/decisions/overload.md says how it differs.
//  3. It is standing when more comes than goes for two windows and who comes now would wait for a quarter of its time; when the
//     line was not empty for long and that is a half; and in either case when many leave while they wait. So a burst that can be
//     done is none. It ends when the line has been empty for a window.
//  4. Everybody who joins is granted, refused or leaves, once.
//  5. A patient line is always calm: those in it hold what others wait for, so what they have done must not be thrown away.
import { BottleError, Code } from './errors.ts';

/** The longest wait under standing overload. Two lines, of a function and of what it calls, stay below 50 ms. */
const MAX_STANDING_MS = 15;
const WINDOW_MS = 100;
/** So much more has to come than goes. */
const RISING = 1.3;
/** A line that was never empty for so long is a standing one. */
const LONG_MS = 1_000;
/** So many of those that come have to leave before their turn. */
const LEAVING_SHARE = 0.3;
/** Waiting for longer than this share of one's time is too long, in a line that grows, and in one that does not. */
const TOO_LONG_SHARE = { growing: 0.25, steady: 0.5 };
/** A figure that was not confirmed for so long counts half. */
const HALF_LIFE_MS = 1_000;
/** How often those that wait in vain are looked for. */
const SWEEP_MS = 5;
/** A place that comes later than this before a deadline is of no use: who waits is refused, and told so before its time is up. */
const LAST_MS = 2 * SWEEP_MS;
/** The share of a window in how fast the line moves: for each place that was granted in it, and at most. */
const WEIGHT = { each: 0.1, most: 0.5 };
/** The bodies of those that wait, together: bounds memory, as the number does of those without one. */
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
/** Estimates are not exact: who joins should have so much more time than it will take. */
const MARGIN = 1.25;
/** (5) Under standing overload everybody comes just in time, as far as estimates go. */
const PATIENT_MARGIN = 1.5;

/** One who waits. */
export interface Waiter {
  /** How many places it wants. */
  readonly places: number;
  /** Of its body, which is in memory. @default 0 */
  readonly bytes?: number;
  /** When nobody waits for it any more, on the clock of performance.now(). */
  readonly deadlineAt: number;
  grant(): void;
  refuse(): void;
  /** Belongs to the line. */
  entry?: Entry | undefined;
}

/** What is waited for. */
export interface Work {
  /** What it takes once it has its place, in milliseconds; 0 while nothing is known. */
  typicalMs: number;
  /** How many places there are in all. */
  capacity: number;
}

interface Entry {
  readonly waiter: Waiter;
  /** On the clock of performance.now(). */
  readonly until: number;
  readonly isPromised: boolean;
  isGone: boolean;
}

/**
 * How fast a line moves while somebody waits: milliseconds from one granted place to the next. Measured over windows, because places
 * come back in groups: the pause before a group says nothing without those in it.
 */
class Pace {
  #ms: number | undefined;
  /** The window: granted since `from`, the last ones at `until`. */
  #granted = 0;
  #from = 0;
  #until: number | undefined;

  msAt(now: number): number {
    if (this.#ms === undefined) return this.#granted === 0 ? 0 : this.#windowMs;
    return this.#ms * 0.5 ** ((now - (this.#until ?? this.#from)) / HALF_LIFE_MS);
  }

  granted(places: number, now: number): void {
    if (this.#until === undefined) {
      this.#from = now;
      this.#until = now;
      this.#granted = 0;
      return; // whoever is first has not waited for this line to move
    }
    if (now > this.#until && this.#until >= this.#from + WINDOW_MS) this.#close(this.#until);
    this.#granted += places;
    this.#until = now;
  }

  /** Nobody waits, or nothing can be granted: the time until the next grant is no pause. */
  interrupt(): void {
    if (this.#until !== undefined && this.#granted > 0) this.#close(this.#until);
    this.#until = undefined;
  }

  get #windowMs(): number {
    return ((this.#until ?? this.#from) - this.#from) / this.#granted;
  }

  #close(until: number): void {
    const weight = Math.min(WEIGHT.most, 1 - (1 - WEIGHT.each) ** this.#granted);
    this.#ms = this.#ms === undefined ? this.#windowMs : this.#ms + weight * (this.#windowMs - this.#ms);
    this.#from = until;
    this.#granted = 0;
  }
}

/** A line before places. Whoever owns the places asks `next` whose turn it is, and `grant`s. */
export class WaitingLine {
  /** (1) First in, first out. */
  #promised: Entry[] = [];
  /** (2) The newest is the last. */
  #newest: Entry[] = [];
  #size = 0;
  /** Of #promised, those that have not left. */
  #promisedSize = 0;
  #bytes = 0;
  #isStanding = false;
  /** (3) */
  #windowFrom = 0;
  #came = 0;
  #went = 0;
  #left = 0;
  #risingWindows = 0;
  #areLeaving = false;
  #nonEmptySince = 0;
  /** Whose turn it is when both kinds wait. (2) */
  #isPromisedTurn = false;
  readonly #pace = new Pace();
  #emptySince = Number.NEGATIVE_INFINITY;
  #sweeper: NodeJS.Timeout | undefined;
  #isPaused = false;
  readonly #maxWaiting: number;
  readonly #isPatient: boolean;

  /** `maxWaiting` bounds its memory; `isPatient`: (5). */
  constructor(maxWaiting: number, { isPatient = false }: { isPatient?: boolean } = {}) {
    this.#maxWaiting = maxWaiting;
    this.#isPatient = isPatient;
  }

  get size(): number {
    return this.#size;
  }

  get isStanding(): boolean {
    return this.#isStanding;
  }

  /** While nothing can be granted at all, nobody is refused for how slow it goes. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused;
    if (isPaused) this.#pace.interrupt();
  }

  /**
   * Lets it wait; false: it could not be done in time. `typicalMs` is what it takes once it has its place. Of `capacity` places
   * none goes on faster than that: a line of which nothing is known yet does not take in more than they can do in time.
   */
  join(waiter: Waiter, { typicalMs, capacity }: Work, now: number): boolean {
    if (this.size === 0) {
      this.#openWindow(now);
      this.#risingWindows = 0;
      this.#nonEmptySince = now;
      if (now > this.#emptySince + WINDOW_MS) this.#isStanding = false;
    }
    this.#came += waiter.places;
    this.#closeWindow(now);
    const leftMs = waiter.deadlineAt - now;
    const paceMs = Math.max(this.#pace.msAt(now), typicalMs / capacity);
    const waitMs = (this.size + waiter.places) * paceMs * (this.#isPatient ? PATIENT_MARGIN : MARGIN);
    const isFull = this.size >= this.#maxWaiting || this.#bytes + bytesOf(waiter) > MAX_WAITING_BYTES;
    if (!this.#isStanding && !this.#isPatient)
      this.#isStanding = this.#isSustained(isFull || this.#areLeaving ? 1 : waitMs / leftMs, now);
    if (isFull) return false;
    if (this.#isStanding) {
      if (leftMs <= typicalMs) return false;
      this.#add({
        waiter,
        until: now + Math.min(MAX_STANDING_MS, leftMs - typicalMs),
        isPromised: false,
        isGone: false,
      });
      return true;
    }
    if (waitMs + typicalMs > leftMs) return false;
    const until = waiter.deadlineAt - Math.min(Math.max(typicalMs, LAST_MS), leftMs / 2);
    this.#add({ waiter, until, isPromised: true, isGone: false });
    return true;
  }

  /** It gave up. */
  leave(waiter: Waiter): void {
    const { entry } = waiter;
    if (!entry) return;
    this.#left += waiter.places;
    this.#remove(entry);
  }

  /** Whose turn it is. */
  next(): Waiter | undefined {
    while (this.#promised[0]?.isGone) this.#promised.shift();
    while (this.#newest.at(-1)?.isGone) this.#newest.pop();
    const [promised, newest] = [this.#promised[0], this.#newest.at(-1)];
    if (!promised || !newest) return (promised ?? newest)?.waiter;
    return (this.#isPromisedTurn || this.#isPromiseInDanger() ? promised : newest).waiter;
  }

  /** Gives `next` its places. */
  grant(waiter: Waiter, now: number): void {
    const { entry } = waiter;
    if (!entry) return;
    this.#pace.granted(waiter.places, now);
    this.#went += waiter.places;
    this.#isPromisedTurn = entry === this.#newest.at(-1);
    this.#remove(entry);
    waiter.grant();
  }

  /** With every second place, the last one would get it too late. */
  #isPromiseInDanger(): boolean {
    const now = performance.now();
    const neededMs = 2 * this.#promisedSize * this.#pace.msAt(now);
    return (this.#promised.at(-1)?.until ?? now) - now < neededMs;
  }

  #add(entry: Entry): void {
    const { waiter, isPromised } = entry;
    (isPromised ? this.#promised : this.#newest).push(entry);
    waiter.entry = entry;
    this.#size += 1;
    if (isPromised) this.#promisedSize += 1;
    this.#bytes += bytesOf(waiter);
    this.#sweeper ??= setTimeout(this.#sweep, SWEEP_MS);
  }

  #remove(entry: Entry): void {
    entry.isGone = true;
    entry.waiter.entry = undefined;
    this.#size -= 1;
    if (entry.isPromised) this.#promisedSize -= 1;
    this.#bytes -= bytesOf(entry.waiter);
    if (this.size > 0) return;
    this.#promised = [];
    this.#newest = [];
    this.#emptySince = performance.now();
    this.#pace.interrupt();
    clearTimeout(this.#sweeper);
    this.#sweeper = undefined;
  }

  #openWindow(now: number): void {
    this.#windowFrom = now;
    this.#came = 0;
    this.#went = 0;
    this.#left = 0;
  }

  #closeWindow(now: number): void {
    if (this.#isPaused) {
      this.#openWindow(now);
      this.#risingWindows = 0;
      this.#nonEmptySince = now;
    }
    if (now < this.#windowFrom + WINDOW_MS) return;
    this.#risingWindows = this.#came > this.#went * RISING ? this.#risingWindows + 1 : 0;
    this.#areLeaving = this.#left > this.#came * LEAVING_SHARE;
    this.#openWindow(now);
  }

  /** (3) `share`: of their time, those that come now would wait. */
  #isSustained(share: number, now: number): boolean {
    if (this.#risingWindows >= 2) return share > TOO_LONG_SHARE.growing;
    return now > this.#nonEmptySince + LONG_MS && share > TOO_LONG_SHARE.steady;
  }

  readonly #sweep = (): void => {
    this.#sweeper = undefined;
    const now = performance.now();
    this.#closeWindow(now);
    for (const queue of [this.#promised, this.#newest])
      for (const entry of queue) if (!entry.isGone && entry.until <= now && !this.#isPaused) this.#refuse(entry);
    if (this.size > 0) this.#sweeper ??= setTimeout(this.#sweep, SWEEP_MS);
  };

  #refuse(entry: Entry): void {
    this.#remove(entry);
    entry.waiter.refuse();
  }
}

function bytesOf({ bytes = 0 }: Waiter): number {
  return bytes;
}

/** What a refused one is told: more comes than can be done; nothing of it has begun. */
export function overloaded(message: string): BottleError {
  return new BottleError(Code.UNAVAILABLE, 'overloaded', message, { details: { started: false, retryAfterSec: 1 } });
}
