import { BottleError, Code } from '@bottle/protos';
import type { BrokerCall } from './broker-call.ts';

export interface BulkheadLimits {
  /** Most calls under way. */
  concurrency: number;
  /** Most calls that wait for a place. */
  queue: number;
}

/** Places for calls of one resource, and a queue for them: first come, first served. */
export class Bulkhead {
  readonly #resourceId: string;
  readonly #limits: BulkheadLimits;
  readonly #waiting = new Set<() => void>();
  #inFlight = 0;

  constructor(resourceId: string, limits: BulkheadLimits) {
    this.#resourceId = resourceId;
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Takes a place, if there is one. */
  tryEnter(): boolean {
    if (this.#inFlight >= this.#limits.concurrency) return false;
    this.#inFlight += 1;
    return true;
  }

  /**
   * Waits for a place, no longer than `timeoutMs` and the call's own deadline. Throws RESOURCE_EXHAUSTED when too many
   * do, DEADLINE_EXCEEDED when none became free, and what the call was given up with.
   */
  async enter(call: BrokerCall, timeoutMs: number): Promise<void> {
    const { concurrency, queue } = this.#limits;
    if (this.#waiting.size >= queue) {
      const message = `${concurrency} calls of ${this.#resourceId} are under way and ${queue} wait`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'bulkhead-full', message);
    }
    const patienceMs = call.timeoutMs > 0 ? Math.min(call.timeoutMs, timeoutMs) : timeoutMs;
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(grant);
      };
      const grant = (): void => {
        leave();
        resolve();
      };
      const timer = setTimeout(() => {
        leave();
        const message = `${concurrency} calls of ${this.#resourceId} were under way for all of ${patienceMs} ms`;
        reject(new BottleError(Code.DEADLINE_EXCEEDED, 'deadline-in-queue', message));
      }, patienceMs);
      this.#waiting.add(grant);
      call.onCancel = (error) => {
        leave();
        reject(error);
      };
    });
  }

  /** Gives a place back; whoever waits longest gets it. */
  readonly leave = (): void => {
    const [next] = this.#waiting;
    if (next) next();
    else this.#inFlight -= 1;
  };
}
