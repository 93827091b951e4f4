import { type Bottle, BottleError, type CacheClient, Code, type Database, sql, type Transaction } from 'bottle-sdk';

/** What the shop sells. Prices are in minor units: 8900 is 89.00. */
export interface Item {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly price: number;
  readonly stock: number;
  /** 0 to 5. */
  readonly rating: number;
  readonly description: string;
  readonly tags: readonly string[];
}

/** The currency of every price in the shop (ISO 4217). */
export const CURRENCY = 'EUR';

/** Something about an item changed; the shape is that of the server-sent event it becomes. */
export type Change =
  | { event: 'price'; data: { id: string; price: number; previous: number } }
  | { event: 'stock'; data: { id: string; stock: number } };

/** Where changes are published, for every pod. */
export const CHANGES = 'changes';

/** How far a price strays from the list price, to either side. */
const PRICE_SPREAD = 0.1;

/** What is cached is forgotten when it changes; its age matters for changes that somebody makes past the shop. */
const FRESH = { ttl: '1m', stale: '10m', claim: '1s' } as const;

const COLUMNS = sql.fragment`id, name, category, price, stock, rating, description, tags`;

/** The items: kept in the database, read through the cache. */
export class Catalogue {
  readonly #db: Database;
  readonly #cache: CacheClient;

  constructor(bottle: Bottle) {
    this.#db = bottle.db('shop');
    this.#cache = bottle.cache('catalogue');
  }

  /** All items, in the order of the catalogue. */
  async all(): Promise<readonly Item[]> {
    const load = async () => await this.#db.sql<Item>`select ${COLUMNS} from items order by sort_order`;
    return (await this.#cache.through('items', load, FRESH)) ?? [];
  }

  /** The item. Throws NOT_FOUND. */
  async get(id: string): Promise<Item> {
    const load = () => this.#db.sql<Item>`select ${COLUMNS} from items where id = ${id}`.first();
    const item = isItemId(id) ? await this.#cache.through(`item:${id}`, load, FRESH) : undefined;
    if (item) return item;
    throw noItem(id);
  }

  /** Adds to the stock. Throws NOT_FOUND. */
  async restock(id: string, quantity: number): Promise<Item> {
    const item = await this.#db.transaction(async (tx) => {
      if (isItemId(id)) await tx.sql`update items set stock = stock + ${quantity} where id = ${id}`;
      return await tx.sql<Item>`select ${COLUMNS} from items where id = ${id}`.first();
    });
    if (!item) throw noItem(id);
    await this.announce([{ event: 'stock', data: { id, stock: item.stock } }]);
    return item;
  }

  /** Takes from the stock; returns the item as it is then. Throws NOT_FOUND, or FAILED_PRECONDITION when there is not enough. */
  async reserve(id: string, quantity: number): Promise<Item> {
    await this.get(id);
    const item = await this.#db.transaction(async (tx) => (await this.take(tx, new Map([[id, quantity]])))[0]);
    if (!item) throw noItem(id);
    await this.announce([{ event: 'stock', data: { id, stock: item.stock } }]);
    return item;
  }

  /**
   * Takes items from the stock, as a part of a transaction; returns them as they are then, at prices that stay until
   * it ends. Throws FAILED_PRECONDITION when there is not enough: the whole transaction is to be undone.
   */
  async take(tx: Transaction, quantities: ReadonlyMap<string, number>): Promise<Item[]> {
    const missing = new Set<string>();
    // Always in the same order, so that two orders never wait for each other.
    for (const [id, quantity] of [...quantities].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const { affectedRows } = await tx.sql`
        update items set stock = stock - ${quantity} where id = ${id} and stock >= ${quantity}`.result();
      if (affectedRows === 0) missing.add(id);
    }
    const ids = sql.list([...quantities.keys()]);
    const items = await tx.sql<Item>`select ${COLUMNS} from items where id in ${ids}`;
    if (missing.size > 0) throw outOfStock(items.filter(({ id }) => missing.has(id)));
    return items;
  }

  /** Moves one item's price, near its list price; `random` gives numbers from 0 up to but without 1. */
  async repriceOne(random: () => number): Promise<void> {
    const items = await this.all();
    const id = items[Math.floor(random() * items.length)]?.id ?? '';
    const prices = this.#db.sql<{ price: number; list_price: number }>`
      select price, list_price from items where id = ${id}`;
    const { price: previous = 0, list_price = 0 } = (await prices.first()) ?? {};
    const price = Math.round(list_price * (1 + PRICE_SPREAD * (2 * random() - 1)));
    if (price === previous) return;
    const { affectedRows } = await this.#db.sql`
      update items set price = ${price} where id = ${id} and price = ${previous}`.result();
    if (affectedRows > 0) await this.announce([{ event: 'price', data: { id, price, previous } }]);
  }

  /** Forgets what is cached of changed items, and tells whoever watches: both in every pod. */
  async announce(changes: readonly Change[]): Promise<void> {
    await this.#cache.invalidate('items', ...changes.map(({ data }) => `item:${data.id}`));
    await Promise.all(changes.map((change) => this.#cache.publish(CHANGES, change)));
  }

  /** The same for items that an order has taken. */
  async announceStock(ids: readonly string[]): Promise<void> {
    const items = await this.#db.sql<{ id: string; stock: number }>`
      select id, stock from items where id in ${sql.list(ids)}`;
    await this.announce(items.map((data) => ({ event: 'stock', data })));
  }
}

/** The refusal to sell more than there is; names the items. */
export function outOfStock(items: readonly Pick<Item, 'id' | 'name'>[]): BottleError {
  const message = `not enough in stock: ${items.map(({ name }) => name).join(', ')}`;
  const details = { items: items.map(({ id }) => id) };
  return new BottleError(Code.FAILED_PRECONDITION, 'out-of-stock', message, { details, httpStatus: 409 });
}

/** What cannot be an id is not looked up. */
function isItemId(id: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(id);
}

function noItem(id: string): BottleError {
  return new BottleError(Code.NOT_FOUND, 'no-item', `there is no item "${id}"`);
}
