import { setTimeout as delay } from 'node:timers/promises';
import type { CacheClient, CallError } from 'bottle-sdk';

/** Adds to sixteen counters until it is stopped, and knows what was promised. */
export class Counting {
  readonly promised = new Map<string, number>();
  readonly failures = new Map<string, number>();
  slowestMs = 0;
  /** Longest time without any answer that was good. */
  silentMs = 0;
  #uncertain = 0;
  #isDone = false;
  #lastAt = performance.now();
  readonly #cache: CacheClient;
  readonly #workers: Promise<void>[];

  constructor(cache: CacheClient, prefix: string) {
    this.#cache = cache;
    this.#workers = Array.from({ length: 16 }, (_, at) => this.#work(`${prefix}:${at}`));
  }

  /** What the counters have beyond what was promised, and what they lack. */
  async stop(): Promise<{ lost: number; more: number; uncertain: number }> {
    this.#isDone = true;
    await Promise.all(this.#workers);
    const keys = [...this.promised.keys()];
    const stored = await this.#cache.getMany(keys);
    const differences = keys.map((key, at) => Number(stored[at] ?? 0) - (this.promised.get(key) ?? 0));
    const sum = (some: number[]): number => some.reduce((total, each) => total + each, 0);
    return {
      lost: sum(differences.map((each) => Math.max(0, -each))),
      more: sum(differences.filter((each) => each > 0)),
      uncertain: this.#uncertain,
    };
  }

  async #work(key: string): Promise<void> {
    while (!this.#isDone) {
      const startedAt = performance.now();
      try {
        await this.#cache.increment(key);
        this.promised.set(key, (this.promised.get(key) ?? 0) + 1);
        const now = performance.now();
        this.silentMs = Math.max(this.silentMs, now - this.#lastAt);
        this.#lastAt = now;
      } catch (thrown) {
        const { code, reason, outcome, details } = thrown as CallError;
        if (outcome === 'unknown') this.#uncertain += 1;
        const what = `${code} ${reason} ${String(details['driverCode'])} ${outcome}`;
        this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
        await delay(20);
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
      await delay(1);
    }
  }
}
