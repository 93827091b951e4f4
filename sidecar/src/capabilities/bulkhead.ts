import { BottleError, Code, overloaded, WaitingLine } from '@bottle/protos';
import type { BrokerCall } from './broker-call.ts';

export interface BulkheadLimits {
  /** Most calls under way. */
  concurrency: number;
  /** Most calls that wait for a place. */
  queue: number;
}

/** The share of a new figure in what a call typically takes. */
const WEIGHT = 0.1;

/**
 * Places for calls of one resource, and a line before them that is bounded by time. A place is taken until the driver's work
 * has ended, be it long after its caller has left.
 */
export class Bulkhead {
  readonly #resourceId: string;
  readonly #limits: BulkheadLimits;
  readonly #line: WaitingLine;
  #inFlight = 0;
  #abandoned = 0;
  #typicalMs = 0;

  constructor(resourceId: string, limits: BulkheadLimits) {
    this.#resourceId = resourceId;
    this.#limits = limits;
    this.#line = new WaitingLine(limits.queue);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Those under way that nobody waits for any more. */
  get abandoned(): number {
    return this.#abandoned;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Takes a place, if there is one and nobody waits for it. */
  tryEnter(): BulkheadPlace | undefined {
    if (this.#inFlight >= this.#limits.concurrency || this.#line.size > 0) return undefined;
    return this.#place();
  }

  /**
   * Waits for a place, no longer than `timeoutMs` and the call's own deadline allow. Throws RESOURCE_EXHAUSTED when too many
   * do, `overloaded` as soon as it shows that it would take too long, and what the call was given up with.
   */
  async enter(call: BrokerCall, timeoutMs: number): Promise<BulkheadPlace> {
    const { concurrency, queue } = this.#limits;
    if (this.#line.size >= queue) {
      const message = `${concurrency} calls of ${this.#resourceId} are under way and ${queue} wait`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'bulkhead-full', message);
    }
    const patienceMs = call.timeoutMs > 0 ? Math.min(call.timeoutMs, timeoutMs) : timeoutMs;
    const now = performance.now();
    return await new Promise<BulkheadPlace>((resolve, reject) => {
      const refuse = (): void => {
        const { size } = this.#line;
        const message = `${this.#resourceId} has more to do than it can in time: ${concurrency} calls under way, ${size} waiting`;
        reject(overloaded(message));
      };
      const waiter = {
        places: 1,
        deadlineAt: now + patienceMs,
        grant: () => resolve(this.#place()),
        refuse,
      };
      if (!this.#line.join(waiter, { typicalMs: this.#typicalMs, capacity: this.#limits.concurrency }, now))
        return refuse();
      call.onCancel = (error) => {
        this.#line.leave(waiter);
        reject(error);
      };
    });
  }

  #place(): BulkheadPlace {
    this.#inFlight += 1;
    const enteredAt = performance.now();
    let isAbandoned = false;
    return {
      abandon: () => {
        if (!isAbandoned) this.#abandoned += 1;
        isAbandoned = true;
      },
      leave: () => {
        const now = performance.now();
        this.#inFlight -= 1;
        if (isAbandoned) this.#abandoned -= 1;
        else this.#typicalMs += (now - enteredAt - this.#typicalMs) * (this.#typicalMs === 0 ? 1 : WEIGHT);
        const next = this.#line.next();
        if (next && this.#inFlight < this.#limits.concurrency) this.#line.grant(next, now);
      },
    };
  }
}

/** A place for one call. */
export interface BulkheadPlace {
  /** Nobody waits for the call any more; its work goes on. */
  abandon(): void;
  /** Its work has ended. Call it once. */
  leave(): void;
}
