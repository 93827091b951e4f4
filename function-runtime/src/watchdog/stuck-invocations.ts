import type { FaaSLogger } from 'bottle-sdk';

/** An invocation whose code runs on although it was given up. */
export interface GivenUp {
  readonly invocationId: string;
  readonly functionName: string;
}

export interface StuckInvocationsOptions {
  /** Those there are, with when they were given up, on the clock of performance.now(). */
  givenUp(): ReadonlyMap<GivenUp, number>;
  /** How many places a function has. */
  concurrencyOf(functionName: string): number;
  /** Code that goes on for so long after it was given up is stuck, in milliseconds. */
  stuckMs: number;
  logger: FaaSLogger;
  /** Stuck invocations have all places of a function: it can do nothing more in this process. */
  onLost(functionName: string): void;
}

/**
 * Looks for invocations that do not end. Each keeps a place of its function, and nobody can take it away: their code is part of
 * the process. Each is logged once; when they have all places of a function, `onLost` is called, once.
 */
export class StuckInvocations {
  readonly #options: StuckInvocationsOptions;
  readonly #known = new WeakSet<GivenUp>();
  #isLost = false;

  constructor(options: StuckInvocationsOptions) {
    this.#options = options;
  }

  check(now: number): void {
    const { givenUp, concurrencyOf, stuckMs, logger, onLost } = this.#options;
    const stuck = new Map<string, number>();
    for (const [invocation, since] of givenUp()) {
      if (now - since < stuckMs) continue;
      const { invocationId, functionName } = invocation;
      stuck.set(functionName, (stuck.get(functionName) ?? 0) + 1);
      if (this.#known.has(invocation)) continue;
      this.#known.add(invocation);
      const fields = { invocationId, function: functionName, sinceMs: Math.round(now - since) };
      logger.warn(fields, 'an invocation that was given up does not end, and keeps its place');
    }
    for (const [functionName, places] of stuck) {
      if (this.#isLost || places < concurrencyOf(functionName)) continue;
      this.#isLost = true;
      logger.error({ function: functionName, places }, 'stuck invocations have all places of a function');
      onLost(functionName);
    }
  }
}
