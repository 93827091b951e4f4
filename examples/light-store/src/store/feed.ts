import type { Bottle, CacheClient, FaaSLogger } from 'bottle-sdk';
import { type Catalogue, type Change, CHANGES } from './catalogue.ts';

export interface FeedOptions {
  /** Milliseconds between two price changes, while somebody watches. @default 1000 */
  tickMs?: number;
  /** @default Math.random */
  random?: () => number;
}

/** Changes of prices and stock, whichever pod makes them. Prices move while somebody watches. */
export class Feed {
  readonly #cache: CacheClient;
  readonly #catalogue: Catalogue;
  readonly #tickMs: number;
  readonly #random: () => number;
  #watching = 0;

  constructor(bottle: Bottle, catalogue: Catalogue, { tickMs = 1_000, random = Math.random }: FeedOptions = {}) {
    this.#cache = bottle.cache('catalogue');
    this.#catalogue = catalogue;
    this.#tickMs = tickMs;
    this.#random = random;
  }

  /** How many watch in this pod. */
  get watching(): number {
    return this.#watching;
  }

  /** The changes from when this resolves, until the reader leaves or the invocation ends. */
  async watch(logger: FaaSLogger): Promise<AsyncGenerator<Change>> {
    return this.#read(await this.#cache.subscribe(CHANGES), logger);
  }

  async *#read(changes: AsyncIterable<{ value: unknown }>, logger: FaaSLogger): AsyncGenerator<Change> {
    const ticker = setInterval(() => {
      this.#tick().catch((error: unknown) => logger.warn({ err: error }, 'no price has moved'));
    }, this.#tickMs);
    this.#watching += 1;
    try {
      for await (const { value } of changes) yield value as Change;
    } finally {
      this.#watching -= 1;
      clearInterval(ticker);
    }
  }

  /** Every watcher has a clock; whichever is first moves a price for all of them, in all pods. */
  async #tick(): Promise<void> {
    const ttl = `${Math.ceil(this.#tickMs * 0.9)}ms` as const;
    const isFirst = await this.#cache.set('tick', true, { if: 'absent', ttl });
    if (isFirst) await this.#catalogue.repriceOne(this.#random);
  }
}
