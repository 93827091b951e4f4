import { randomUUID } from 'node:crypto';
import { type Bottle, BottleError, type CacheClient, Code } from 'bottle-sdk';
import { type Catalogue, CURRENCY } from './catalogue.ts';

/** How long a cart waits for its owner. */
export const CART_DAYS = 7;
const MAX_LINES = 50;

/** What somebody intends to buy: item id → quantity. */
export interface Cart {
  readonly id: string;
  readonly quantities: ReadonlyMap<string, number>;
}

/** One item of a cart at today's price. */
export interface CartLine {
  id: string;
  name: string;
  price: number;
  quantity: number;
  total: number;
  /** Whether the stock covers the quantity right now. */
  available: boolean;
}

/** A cart as its owner sees it. */
export interface CartView {
  items: readonly CartLine[];
  total: number;
  currency: string;
}

/** The carts: a hash each in the cache, which every pod shares. An empty cart is none. */
export class Carts {
  readonly #cache: CacheClient<number>;

  constructor(bottle: Bottle) {
    this.#cache = bottle.cache<number>('carts');
  }

  async find(id: string): Promise<Cart | undefined> {
    if (!isCartId(id)) return undefined;
    const quantities = await this.#cache.hash(id).entries();
    return quantities.size > 0 ? { id, quantities } : undefined;
  }

  /**
   * Sets how many of an item a cart holds; where there is no cart with that id, it is a new one with an id of ours: a
   * client does not choose ids. Throws RESOURCE_EXHAUSTED when the cart has too many different items.
   */
  async put(id: string, itemId: string, quantity: number): Promise<Cart> {
    const cart = (await this.find(id)) ?? { id: randomUUID(), quantities: new Map<string, number>() };
    const quantities = new Map(cart.quantities).set(itemId, quantity);
    if (quantities.size > MAX_LINES) {
      const message = `a cart holds at most ${MAX_LINES} different items`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'cart-full', message, { httpStatus: 409 });
    }
    await this.#cache.transaction((transaction) =>
      transaction.hashSet(cart.id, { [itemId]: quantity }).expire(cart.id, `${CART_DAYS}d`),
    );
    return { id: cart.id, quantities };
  }

  /** Takes an item out; one that is not there is no mistake. */
  async remove(id: string, itemId: string): Promise<void> {
    if (isCartId(id)) await this.#cache.hash(id).delete(itemId);
  }

  async clear(id: string): Promise<void> {
    await this.#cache.delete(id);
  }
}

/** The cart at the catalogue's current prices; without a cart, an empty one. */
export async function viewCart(cart: Cart | undefined, catalogue: Catalogue): Promise<CartView> {
  const lines = [...(cart?.quantities ?? [])].map(async ([itemId, quantity]) => {
    const { id, name, price, stock } = await catalogue.get(itemId);
    return { id, name, price, quantity, total: price * quantity, available: quantity <= stock };
  });
  const items = await Promise.all(lines);
  return { items, total: items.reduce((sum, line) => sum + line.total, 0), currency: CURRENCY };
}

/** Whether a client's text may be the id of a cart. */
export function isCartId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
