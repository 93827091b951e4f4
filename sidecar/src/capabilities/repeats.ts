import type { PolicyConfig } from '../resources-config.ts';

/** Repeats that may be saved up, for a burst. */
const MAX_SAVED_REPEATS = 10;

/** When a driver may repeat what it alone knows to be safe: within the attempts and the budget of its resource's policy. */
export class Repeats {
  readonly #config: PolicyConfig['retry'];
  #saved = MAX_SAVED_REPEATS;

  constructor(config: PolicyConfig['retry']) {
    this.#config = config;
  }

  /** A call begins: it adds its share to the budget. */
  begin(): void {
    this.#saved = Math.min(MAX_SAVED_REPEATS, this.#saved + this.#config.budgetPercent / 100);
  }

  /** The pause before a repeat, in milliseconds, with full jitter; undefined when there shall be none. `attempt` counts from 1. */
  take(attempt: number): number | undefined {
    const { attempts, baseMs } = this.#config;
    if (attempt > attempts || this.#saved < 1) return undefined;
    this.#saved -= 1;
    return Math.random() * baseMs * 2 ** (attempt - 1);
  }
}
