import { BottleError, Code } from '@bottle/protos';
import { errorOfCancel, type Invocation } from '../layer.ts';

interface Waiting {
  condition(): boolean;
  leave(): void;
}

export interface WaitingRoomOptions {
  /** Most that wait at once. */
  maxWaiting: number;
  /** Longest wait, in milliseconds. */
  maxWaitMs: number;
}

/** Where invocations wait for the function container: bounded in number and in time. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #waiting = new Set<Waiting>();

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Something changed: lets go whose condition holds. */
  notify(): void {
    for (const waiting of this.#waiting) if (waiting.condition()) waiting.leave();
  }

  /** Waits until `condition` holds. Throws BottleError with `explain()` when the room is full or the wait is over. */
  async until(condition: () => boolean, invocation: Invocation, explain: () => string): Promise<void> {
    if (condition()) return;
    if (this.#waiting.size >= this.#options.maxWaiting) {
      const message = `${explain()}, and ${this.#waiting.size} requests already wait`;
      throw new BottleError(Code.UNAVAILABLE, 'queue-full', message, { details: { retryAfterSec: 1 } });
    }
    await new Promise<void>((resolve) => {
      const waiting: Waiting = { condition, leave };
      const timer = setTimeout(leave, this.#options.maxWaitMs);
      const room = this.#waiting;
      function leave(): void {
        clearTimeout(timer);
        room.delete(waiting);
        invocation.onCancel = undefined;
        resolve();
      }
      room.add(waiting);
      invocation.onCancel = leave;
    });
    if (condition()) return;
    if (invocation.cancelled && invocation.cancelled !== 'deadline') throw errorOfCancel(invocation.cancelled);
    throw new BottleError(Code.UNAVAILABLE, 'runtime-unavailable', explain(), { details: { retryAfterSec: 1 } });
  }
}
