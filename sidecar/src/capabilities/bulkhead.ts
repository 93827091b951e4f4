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

  /** Waits for a place. Throws RESOURCE_EXHAUSTED when too many do, and what the call was given up with. */
  async enter(call: BrokerCall): Promise<void> {
    const { concurrency, queue } = this.#limits;
    if (this.#waiting.size >= queue) {
      const message = `${concurrency} calls of ${this.#resourceId} are under way and ${queue} wait`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'bulkhead-full', message);
    }
    await new Promise<void>((resolve, reject) => {
      const grant = (): void => {
        this.#waiting.delete(grant);
        resolve();
      };
      this.#waiting.add(grant);
      call.onCancel = (error) => {
        this.#waiting.delete(grant);
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
