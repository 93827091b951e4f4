import { setTimeout as delay } from 'node:timers/promises';
import type { EntryStore } from './entry-store.ts';
import type { Answer, Entry } from './stored-answer.ts';

/** A claim outlives its pod by this, in milliseconds. */
export const LEASE_MS = 10_000;
const RENEW_MS = 3_000;
/** How long a result that could not be stored is tried again, and how often, in milliseconds. */
const STORE_FOR_MS = 30_000;
const STORE_EVERY_MS = 500;

export interface ClaimOptions {
  store: EntryStore;
  key: string;
  entry: Extract<Entry, { state: 'running' }>;
  ttlMs: number;
  /** Something that the caller need not wait for failed. */
  onTrouble(error: unknown, message: string): void;
}

/** The right to run what a key stands for. Ends with `finish` or `release`. */
export class Claim {
  readonly #options: ClaimOptions;
  readonly #renewal: NodeJS.Timeout;

  /** For a claim that stands in the store already. */
  constructor(options: ClaimOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  /** Stores the answer for all who repeat. When the cache is away, it is tried on in the background for a while. */
  async finish(answer: Answer): Promise<void> {
    clearInterval(this.#renewal);
    const done: Entry = { state: 'done', print: this.#options.entry.print, answer };
    try {
      await this.#store(done);
    } catch (error) {
      this.#options.onTrouble(error, 'a result cannot be stored for repeats at the moment');
      void this.#keepStoring(done);
    }
  }

  /** Lets somebody else run it. */
  async release(): Promise<void> {
    clearInterval(this.#renewal);
    const { store, key, entry, onTrouble } = this.#options;
    await store.replace(key, entry, undefined).catch((error: unknown) => {
      onTrouble(error, 'an idempotency key cannot be released; it expires by itself');
    });
  }

  /** An entry that is gone (a cache that forgot, a lease that ran out) is put again: the work goes on. */
  async #renew(): Promise<void> {
    const { store, key, entry, onTrouble } = this.#options;
    try {
      const renewed = await store.replace(key, entry, { entry, ttlMs: LEASE_MS });
      if (!renewed) await store.put(key, entry, LEASE_MS);
    } catch (error) {
      onTrouble(error, 'an idempotency key cannot be renewed at the moment');
    }
  }

  /** What somebody else has put there meanwhile stays. */
  async #store(done: Entry): Promise<void> {
    const { store, key, entry, ttlMs } = this.#options;
    const stored = await store.replace(key, entry, { entry: done, ttlMs });
    if (!stored) await store.put(key, done, ttlMs);
  }

  async #keepStoring(done: Entry): Promise<void> {
    const deadline = performance.now() + STORE_FOR_MS;
    while (performance.now() < deadline) {
      await delay(STORE_EVERY_MS, undefined, { ref: false });
      try {
        return await this.#store(done);
      } catch {
        // said once, by `finish`
      }
    }
  }
}
