import type { FunctionTable__Output } from '@bottle/protos';
import type { Admitted, FunctionLoad, Loaded } from '../layer.ts';
import { FunctionLimiter } from './function-limiter.ts';
import type { TracePlace } from './function-place.ts';

/** One limiter per function; they outlive a reload, so that places taken before it still count. */
export class Admission {
  readonly #maxWaitingPerFunction: number;
  readonly #trace: TracePlace | undefined;
  readonly #limiters = new Map<string, FunctionLimiter>();

  constructor(maxWaitingPerFunction: number, trace?: TracePlace) {
    this.#maxWaitingPerFunction = maxWaitingPerFunction;
    this.#trace = trace;
  }

  /** Takes over the limits of a new table. */
  applyTable(table: FunctionTable__Output): void {
    for (const { name, concurrency } of table.functions) {
      const limiter = this.#limiters.get(name);
      if (limiter) limiter.setConcurrency(concurrency);
      else this.#limiters.set(name, new FunctionLimiter(concurrency, this.#maxWaitingPerFunction, this.#trace));
    }
    const names = new Set(table.functions.map((info) => info.name));
    for (const [name, limiter] of this.#limiters) {
      if (!names.has(name) && limiter.taken + limiter.waiting === 0) this.#limiters.delete(name);
    }
  }

  admit(loaded: Loaded): Admitted | Promise<Admitted> {
    return this.#limiterOf(loaded).admit(loaded);
  }

  /** Places ever sent to the function process, by function name. */
  sent(): ReadonlyMap<string, number> {
    return new Map([...this.#limiters].map(([name, { sent }]) => [name, sent]));
  }

  /**
   * What each function has to do; without what was sent since `sentBefore` was read, so that `held`, which the function process
   * has counted, is of the same moment.
   */
  loads(sentBefore: ReadonlyMap<string, number>, held: ReadonlyMap<string, number> | undefined): FunctionLoad[] {
    return [...this.#limiters].map(([name, { inFlight, unheard, abandoned, waiting, sent }]) => {
      const before = inFlight - (sent - (sentBefore.get(name) ?? 0));
      const inProcess = held && (held.get(name) ?? 0);
      return {
        name,
        inFlight: inProcess === undefined ? inFlight : arrived(before, unheard, inProcess),
        inProcess,
        abandoned,
        waiting,
      };
    });
  }

  #limiterOf({ function: { name, concurrency } }: Loaded): FunctionLimiter {
    const known = this.#limiters.get(name);
    if (known) return known;
    const limiter = new FunctionLimiter(concurrency, this.#maxWaitingPerFunction, this.#trace);
    this.#limiters.set(name, limiter);
    return limiter;
  }
}

/** What goes alone has no order with the question how many there are: what may be on its way counts as soon as it is there. */
function arrived(inFlight: number, unheard: number, inProcess: number): number {
  return inFlight - Math.min(unheard, Math.max(0, inFlight - inProcess));
}
