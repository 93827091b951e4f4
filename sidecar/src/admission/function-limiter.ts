import { BottleError, Code } from '@bottle/protos';
import { type Admitted, errorOfCancel, type Loaded } from '../layer.ts';
import { TurnTime } from './turn-time.ts';

/** Estimates are not exact: whoever joins the line should have so much more time than it will take. */
const MARGIN = 1.25;

interface Waiting {
  places: number;
  grant(): void;
}

/**
 * The places of one function: at most `concurrency` invocations under way, the next ones in a bounded line, first come
 * first served, each no longer than its deadline. Who would not be done by then, as fast as the line moves, is refused at
 * once: under overload, work that is begun is work that somebody still waits for.
 */
export class FunctionLimiter {
  readonly #maxWaiting: number;
  readonly #line = new Set<Waiting>();
  readonly #turnTime = new TurnTime();
  #concurrency: number;
  #inFlight = 0;

  constructor(concurrency: number, maxWaiting: number) {
    this.#concurrency = concurrency;
    this.#maxWaiting = maxWaiting;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** A reload may change the limit; those under way keep their places. */
  setConcurrency(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#grantNext();
  }

  /** Takes its places at once, or waits for them. Throws BottleError when the line is full or the wait is over. */
  admit(loaded: Loaded): Admitted | Promise<Admitted> {
    const { places, isUnderWay } = loaded.invocation;
    if (isUnderWay || this.#hasRoomFor(places)) {
      this.#inFlight += places;
      return this.#admitted(loaded);
    }
    if (this.#line.size >= this.#maxWaiting) {
      const message = `${loaded.function.name} has ${this.#concurrency} invocations under way and ${this.#line.size} waiting`;
      throw new BottleError(Code.UNAVAILABLE, 'concurrency-limit', message, { details: { retryAfterSec: 1 } });
    }
    this.#assertWorthWaiting(loaded);
    return this.#wait(loaded);
  }

  /** The wait, and the time that an invocation takes itself by Little’s law, have to fit before the deadline. */
  #assertWorthWaiting({ function: { name }, invocation: { remainingMs } }: Loaded): void {
    const { averageMs } = this.#turnTime;
    if (averageMs === undefined) return;
    const neededMs = (this.#line.size + 1 + this.#concurrency) * averageMs * MARGIN;
    if (neededMs <= remainingMs) return;
    const message = `${name} has ${this.#line.size} waiting, which takes longer than the ${remainingMs} ms until the deadline`;
    throw new BottleError(Code.UNAVAILABLE, 'concurrency-limit', message, { details: { retryAfterSec: 1 } });
  }

  async #wait(loaded: Loaded): Promise<Admitted> {
    const { invocation } = loaded;
    const granted = await new Promise<boolean>((resolve) => {
      const waiting: Waiting = { places: invocation.places, grant: () => resolve(true) };
      this.#line.add(waiting);
      invocation.onCancel = () => {
        if (this.#line.delete(waiting)) resolve(false);
      };
    });
    invocation.onCancel = undefined;
    if (granted) return this.#admitted(loaded);
    if (invocation.cancelled === 'deadline') {
      const message = `waited for ${loaded.function.name} until the deadline passed`;
      throw new BottleError(Code.DEADLINE_EXCEEDED, 'deadline-in-queue', message);
    }
    throw errorOfCancel(invocation.cancelled ?? 'client-closed');
  }

  #admitted(loaded: Loaded): Admitted {
    const { places } = loaded.invocation;
    return Object.assign(loaded, { release: places === 1 ? this.#releaseOne : () => this.#release(places) });
  }

  /** Those in line go before all others, however many places they want. */
  #hasRoomFor(places: number): boolean {
    return this.#line.size === 0 && (this.#inFlight + places <= this.#concurrency || this.#inFlight === 0);
  }

  readonly #releaseOne = (): void => this.#release(1);

  #release(places: number): void {
    const wasFull = this.#inFlight >= this.#concurrency;
    this.#inFlight -= places;
    if (wasFull) this.#turnTime.released(performance.now());
    this.#grantNext();
    if (wasFull && this.#inFlight < this.#concurrency) this.#turnTime.relaxed();
  }

  /** The place passes from hand to hand: it is counted before the one who waited runs. */
  #grantNext(): void {
    for (const waiting of this.#line) {
      const { places } = waiting;
      if (this.#inFlight > 0 && this.#inFlight + places > this.#concurrency) return;
      this.#line.delete(waiting);
      this.#inFlight += places;
      waiting.grant();
    }
  }
}
