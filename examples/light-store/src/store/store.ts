import { Carts } from './carts.ts';
import { Catalogue, type Item } from './catalogue.ts';
import { ChangeFeed } from './change-feed.ts';
import { Orders } from './orders.ts';

const TICK_MS = 1_000;

/** Everything the shop knows. It lives in this process's memory, so a restart forgets carts and orders. */
export interface Store {
  readonly catalogue: Catalogue;
  readonly carts: Carts;
  readonly orders: Orders;
  readonly feed: ChangeFeed;
}

export interface StoreOptions {
  /** Milliseconds between two price changes, while somebody watches. @default 1000 */
  tickMs?: number;
  /** @default Math.random */
  random?: () => number;
}

/** A shop that sells these items. */
export function createStore(
  items: readonly Item[],
  { tickMs = TICK_MS, random = Math.random }: StoreOptions = {},
): Store {
  const feed = new ChangeFeed({ tickMs, onTick: () => catalogue.repriceOne(random) });
  const catalogue = new Catalogue(items, (change) => feed.publish(change));
  const carts = new Carts();
  return { catalogue, carts, orders: new Orders(catalogue, carts), feed };
}
