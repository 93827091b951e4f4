import type { Admitted, Loaded } from '../layer.ts';
import { waitForPlace } from '../wait-for-place.ts';
import { WaitingLine } from '@bottle/protos';
import { FunctionPlace, PlaceCounts, type TracePlace } from './function-place.ts';

/**
 * The places of one function: at most `concurrency` invocations that are not over, but for those whose callers lend them a
 * place; and of all no more that have not begun than begin within some milliseconds. The next ones wait in a line that is
 * bounded by time; `maxWaiting` bounds its memory. Under overload, work that is begun is work that somebody still waits for.
 */
export class FunctionLimiter {
  readonly #line: WaitingLine;
  /** Those whose callers lend them a place wait for their turn to begin alone, and go first. */
  readonly #lentLine: WaitingLine;
  readonly #counts: PlaceCounts;
  #concurrency: number;

  constructor(concurrency: number, maxWaiting: number, trace?: TracePlace) {
    this.#counts = new PlaceCounts(() => this.#grantNext(), trace);
    this.#concurrency = concurrency;
    this.#line = new WaitingLine(maxWaiting);
    this.#lentLine = new WaitingLine(Number.POSITIVE_INFINITY, { isPatient: true }); // those who lend are not many
  }

  /** Places that the function process has. */
  get inFlight(): number {
    return this.#counts.inFlight;
  }

  /** Those of them that nobody waits for any more. */
  get abandoned(): number {
    return this.#counts.abandoned;
  }

  /** Those of them that may not have arrived there: they have an RPC of their own. */
  get unheard(): number {
    return this.#counts.unheard;
  }

  get waiting(): number {
    return this.#line.size + this.#lentLine.size;
  }

  /** Places that are not free. */
  get taken(): number {
    return this.#counts.taken;
  }

  /** Places that were ever sent to the function process. */
  get sent(): number {
    return this.#counts.sent;
  }

  /** A reload may change the limit; those under way keep their places. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#grantNext();
  }

  /** Takes its places at once, or waits for them. Throws BottleError when it could not be done in time, and when it is not. */
  admit(loaded: Loaded): Admitted | Promise<Admitted> {
    const { places, isUnderWay, hasLentPlace } = loaded.invocation;
    if (isUnderWay) return this.#admitted(loaded);
    const line = hasLentPlace ? this.#lentLine : this.#line;
    const hasRoom = hasLentPlace ? this.#counts.window.hasRoomFor(places) : this.#hasRoomFor(places);
    if (line.size === 0 && hasRoom) return this.#admitted(loaded);
    return this.#wait(line, loaded);
  }

  #wait(line: WaitingLine, loaded: Loaded): Promise<Admitted> {
    line.isPaused = this.#counts.onHold > 0;
    return waitForPlace({
      line,
      loaded,
      work: { typicalMs: this.#counts.typicalMs, capacity: this.#concurrency },
      take: () => this.#admitted(loaded),
      explain: () => this.#explain(loaded),
    });
  }

  #explain({ function: { name } }: Loaded): string {
    return `${name} has more to do than it can in time: ${this.#counts.taken} under way, ${this.waiting} waiting`;
  }

  #admitted(loaded: Loaded): Admitted {
    const place = new FunctionPlace(this.#counts, loaded.invocation);
    loaded.invocation.place = place;
    return Object.assign(loaded, { place });
  }

  /** Whoever wants more places than there are goes alone. */
  #hasRoomFor(places: number): boolean {
    const { taken, window } = this.#counts;
    return (taken + places <= this.#concurrency || taken === 0) && window.hasRoomFor(places);
  }

  /** The place passes from hand to hand: it is counted before the one who waited runs. */
  #grantNext(): void {
    if (this.#lentLine.size > 0) this.#grant(this.#lentLine, (places) => this.#counts.window.hasRoomFor(places));
    if (this.#line.size > 0) this.#grant(this.#line, (places) => this.#hasRoomFor(places));
  }

  #grant(line: WaitingLine, hasRoomFor: (places: number) => boolean): void {
    line.isPaused = this.#counts.onHold > 0;
    for (let waiter = line.next(); waiter && hasRoomFor(waiter.places); waiter = line.next()) {
      line.grant(waiter, performance.now());
    }
  }
}
