import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';

/** Which calls a fault is for. */
export interface FaultTarget {
  /** Only this operation: "get", "publish". @default all of them */
  operation?: string;
  /** How many calls it meets before it is used up. @default all of them */
  times?: number;
}

interface Fault extends FaultTarget {
  resource: string;
  meet(signal: AbortSignal): Promise<void>;
}

/** Faults that calls of the fake meet, in the order they were added. */
export class Faults {
  #faults: Fault[] = [];

  /** The calls fail. @default UNAVAILABLE, as when the middleware does not answer */
  fail(resource: string, options: FaultTarget & { error?: BottleError } = {}): void {
    const message = `${resource} does not answer`;
    const error = options.error ?? new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message);
    this.#faults.push({ ...options, resource, meet: () => Promise.reject(error) });
  }

  /** The calls take so much longer. */
  delay(resource: string, by: Duration, options: FaultTarget = {}): void {
    const ms = toMs(by);
    this.#faults.push({ ...options, resource, meet: (signal) => delay(ms, undefined, { signal }) });
  }

  /** The calls never answer; they end with their deadline or signal. */
  hang(resource: string, options: FaultTarget = {}): void {
    const meet = (signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    this.#faults.push({ ...options, resource, meet });
  }

  /** No faults any more. */
  clear(): void {
    this.#faults = [];
  }

  /** What a call has to go through first. */
  async meet(resource: string, operation: string, signal: AbortSignal): Promise<void> {
    for (const fault of this.#faults) {
      if (fault.resource !== resource || (fault.operation !== undefined && fault.operation !== operation)) continue;
      if (fault.times !== undefined) {
        if (fault.times <= 0) continue;
        fault.times -= 1;
      }
      await fault.meet(signal);
    }
  }
}
