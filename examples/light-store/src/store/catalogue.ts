import { BottleError, Code } from 'bottle-sdk';

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

/** How far a price strays from the list price, to either side. */
const PRICE_SPREAD = 0.1;

/** The items and what changes about them. An item is never modified, only replaced by its next version. */
export class Catalogue {
  readonly #items: Map<string, Item>;
  readonly #listPrices: ReadonlyMap<string, number>;
  readonly #onChange: (change: Change) => void;

  constructor(items: readonly Item[], onChange: (change: Change) => void) {
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.#listPrices = new Map(items.map(({ id, price }) => [id, price]));
    this.#onChange = onChange;
  }

  /** All items, in the order of the catalogue. */
  get items(): readonly Item[] {
    return [...this.#items.values()];
  }

  /** The item. Throws NOT_FOUND. */
  get(id: string): Item {
    const item = this.#items.get(id);
    if (item) return item;
    throw new BottleError(Code.NOT_FOUND, 'no-item', `there is no item "${id}"`);
  }

  /** Takes from the stock (negative) or adds to it. Throws FAILED_PRECONDITION when there is not enough. */
  adjustStock(id: string, by: number): Item {
    const item = this.get(id);
    const stock = item.stock + by;
    if (stock < 0) throw outOfStock([item]);
    this.#onChange({ event: 'stock', data: { id, stock } });
    return this.#replace({ ...item, stock });
  }

  /** Moves one item's price, near its list price; `random` gives numbers from 0 up to but without 1. */
  repriceOne(random: () => number): void {
    const items = this.items;
    const item = items[Math.floor(random() * items.length)];
    if (!item) return;
    const listPrice = this.#listPrices.get(item.id) ?? item.price;
    const price = Math.round(listPrice * (1 + PRICE_SPREAD * (2 * random() - 1)));
    if (price === item.price) return;
    this.#onChange({ event: 'price', data: { id: item.id, price, previous: item.price } });
    this.#replace({ ...item, price });
  }

  #replace(item: Item): Item {
    this.#items.set(item.id, item);
    return item;
  }
}

/** The refusal to sell more than there is; names the items. */
export function outOfStock(items: readonly Pick<Item, 'id' | 'name'>[]): BottleError {
  const message = `not enough in stock: ${items.map(({ name }) => name).join(', ')}`;
  const details = { items: items.map(({ id }) => id) };
  return new BottleError(Code.FAILED_PRECONDITION, 'out-of-stock', message, { details, httpStatus: 409 });
}
