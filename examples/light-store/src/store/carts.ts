import { randomUUID } from 'node:crypto';
import { BottleError, Code } from 'bottle-sdk';
import { type Catalogue, CURRENCY } from './catalogue.ts';

const MAX_CARTS = 10_000;
const MAX_LINES = 50;

/** What somebody intends to buy: item id → quantity. */
export interface Cart {
  readonly id: string;
  readonly quantities: Map<string, number>;
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

/** The carts of this process. Beyond the limit the one that nobody has touched for longest is forgotten. */
export class Carts {
  /** Least recently used first. */
  readonly #carts = new Map<string, Cart>();
  readonly #maxCarts: number;

  constructor(maxCarts: number = MAX_CARTS) {
    this.#maxCarts = maxCarts;
  }

  find(id: string): Cart | undefined {
    const cart = this.#carts.get(id);
    if (cart) this.#use(cart);
    return cart;
  }

  /** The cart with that id, or a new one with an id of ours: a client does not choose ids. */
  open(id: string): Cart {
    const known = this.find(id);
    if (known) return known;
    const cart: Cart = { id: randomUUID(), quantities: new Map() };
    this.#use(cart);
    return cart;
  }

  #use(cart: Cart): void {
    this.#carts.delete(cart.id);
    this.#carts.set(cart.id, cart);
    const [oldest] = this.#carts.keys();
    if (this.#carts.size > this.#maxCarts && oldest !== undefined) this.#carts.delete(oldest);
  }
}

/** Sets how many of an item the cart holds. Throws RESOURCE_EXHAUSTED when the cart has too many different items. */
export function putInCart(cart: Cart, itemId: string, quantity: number): void {
  if (!cart.quantities.has(itemId) && cart.quantities.size >= MAX_LINES) {
    const message = `a cart holds at most ${MAX_LINES} different items`;
    throw new BottleError(Code.RESOURCE_EXHAUSTED, 'cart-full', message, { httpStatus: 409 });
  }
  cart.quantities.set(itemId, quantity);
}

/** The cart at the catalogue's current prices; without a cart, an empty one. */
export function viewCart(cart: Cart | undefined, catalogue: Catalogue): CartView {
  const items = [...(cart?.quantities ?? [])].map(([itemId, quantity]) => {
    const { id, name, price, stock } = catalogue.get(itemId);
    return { id, name, price, quantity, total: price * quantity, available: quantity <= stock };
  });
  return { items, total: items.reduce((sum, line) => sum + line.total, 0), currency: CURRENCY };
}
