import { BottleError, Code } from '@bottle/protos';

/** Most that wait; more are refused at once. */
const MAX_WAITING = 10_000;

interface Waiter {
  grant(): void;
}

/** One at a time, in the order of asking. Waiting ends with the signal. */
export class WriteQueue {
  readonly #waiting: Waiter[] = [];
  #taken = false;

  /** Resolves to what gives the turn to the next one; calling that twice does nothing. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw signal.reason;
    if (this.#taken) await this.#turn(signal);
    this.#taken = true;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = this.#waiting.shift();
      if (next) next.grant();
      else this.#taken = false;
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING)
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'pool-full', `${MAX_WAITING} others wait for the database`);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        grant() {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }
}
