import { BottleError, Code, overloaded, WaitingLine } from '@bottle/protos';

/** Most that wait; more are refused at once. */
const MAX_WAITING = 10_000;
/** How long one waits who did not say. */
const DEFAULT_PATIENCE_MS = 5_000;
/** The share of a new figure in what a turn typically takes. */
const WEIGHT = 0.1;

export interface TurnOptions {
  signal: AbortSignal;
  /** Milliseconds that the caller still waits; 0 when it did not say. */
  timeoutMs: number;
}

/** One at a time: a transaction's turn lasts until it ends. The line before it is bounded by time. */
export class WriteQueue {
  readonly #line = new WaitingLine(MAX_WAITING);
  #isTaken = false;
  #typicalMs = 0;

  /**
   * Resolves to what gives the turn to the next one; calling that twice does nothing. Rejects with `overloaded` as soon as it
   * shows that the turn would not come in time, and with what the signal aborts with.
   */
  async acquire({ signal, timeoutMs }: TurnOptions): Promise<() => void> {
    if (signal.aborted) throw signal.reason;
    if (this.#isTaken || this.#line.size > 0) await this.#turn(signal, timeoutMs || DEFAULT_PATIENCE_MS);
    this.#isTaken = true;
    const takenAt = performance.now();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const now = performance.now();
      this.#typicalMs += (now - takenAt - this.#typicalMs) * (this.#typicalMs === 0 ? 1 : WEIGHT);
      const next = this.#line.next();
      if (next) this.#line.grant(next, now);
      else this.#isTaken = false;
    };
  }

  #turn(signal: AbortSignal, patienceMs: number): Promise<void> {
    if (this.#line.size >= MAX_WAITING)
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'pool-full', `${MAX_WAITING} others wait for the database`);
    return new Promise((resolve, reject) => {
      const now = performance.now();
      const onAbort = (): void => {
        this.#line.leave(waiter);
        reject(signal.reason as Error);
      };
      const waiter = {
        places: 1,
        deadlineAt: now + patienceMs,
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        refuse: () => {
          signal.removeEventListener('abort', onAbort);
          const { size } = this.#line;
          reject(overloaded(`the database has more to write than it can in time: ${size} others wait for their turn`));
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (!this.#line.join(waiter, { typicalMs: this.#typicalMs, capacity: 1 }, now)) waiter.refuse();
    });
  }
}
