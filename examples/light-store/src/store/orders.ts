import { randomUUID } from 'node:crypto';
import { BottleError, Code } from 'bottle-sdk';
import { type Cart, type CartLine, type Carts, viewCart } from './carts.ts';
import { type Catalogue, outOfStock } from './catalogue.ts';
import type { OrderForm } from './order-form.ts';

const MAX_ORDERS = 10_000;

/** What was bought, by whom and for how much. */
export interface Order {
  id: string;
  /** ISO 8601 */
  placedAt: string;
  items: readonly Omit<CartLine, 'available'>[];
  /** What the items cost. */
  subtotal: number;
  shipping: number;
  total: number;
  currency: string;
  customer: Pick<OrderForm, 'name' | 'email' | 'address'>;
  payment: OrderForm['payment'];
}

export interface OrderRequest {
  cartId: string;
  /** Names this attempt to buy; sending it again brings the same order. */
  key: string;
  form: OrderForm;
  rate: ShippingRate;
}

/** What shipping to some country costs, in minor units. */
export interface ShippingRate {
  price: number;
  /** Orders of at least this much are shipped free of charge. */
  freeFrom: number;
}

interface PlacedOrder {
  order: Order;
  /** What the key stands for. */
  fingerprint: string;
}

/** The orders of this process; the oldest are forgotten beyond a limit. */
export class Orders {
  readonly #catalogue: Catalogue;
  readonly #carts: Carts;
  readonly #placed = new Map<string, PlacedOrder>();

  constructor(catalogue: Catalogue, carts: Carts) {
    this.#catalogue = catalogue;
    this.#carts = carts;
  }

  /**
   * Turns a cart into an order, takes its items from the stock and empties it: all of that or none. The same cart and
   * key bring the same order again, with `replayed` set. Throws FAILED_PRECONDITION when the cart is empty, something
   * is out of stock or costs something else than expected, ALREADY_EXISTS when the key stood for another form.
   */
  place({ cartId, key, form, rate }: OrderRequest): { order: Order; replayed: boolean } {
    // No await from here to the end: two requests with one key cannot both find it unused.
    const name = `${cartId} ${key}`;
    const fingerprint = JSON.stringify(form);
    const earlier = this.#placed.get(name);
    if (earlier) {
      if (earlier.fingerprint === fingerprint) return { order: earlier.order, replayed: true };
      const message = 'this idempotency key was used with another order form';
      throw new BottleError(Code.ALREADY_EXISTS, 'idempotency-key-reused', message, { httpStatus: 422 });
    }
    const order = this.#buy(this.#carts.find(cartId), form, rate);
    this.#remember(name, { order, fingerprint });
    return { order, replayed: false };
  }

  #buy(cart: Cart | undefined, form: OrderForm, rate: ShippingRate): Order {
    const { items, total: subtotal, currency } = viewCart(cart, this.#catalogue);
    if (!cart || items.length === 0) throw conflict('empty-cart', 'the cart is empty');
    const missing = items.filter((line) => !line.available);
    if (missing.length > 0) throw outOfStock(missing);
    if (form.expectedTotal !== undefined && form.expectedTotal !== subtotal) {
      throw conflict('price-changed', `the cart costs ${subtotal} now`, {
        total: subtotal,
        expectedTotal: form.expectedTotal,
      });
    }
    for (const { id, quantity } of items) this.#catalogue.adjustStock(id, -quantity);
    cart.quantities.clear();
    const { name, email, address, payment } = form;
    const shipping = subtotal >= rate.freeFrom ? 0 : rate.price;
    return {
      id: randomUUID(),
      placedAt: new Date().toISOString(),
      items: items.map(({ available: _available, ...line }) => line),
      subtotal,
      shipping,
      total: subtotal + shipping,
      currency,
      customer: { name, email, address },
      payment,
    };
  }

  #remember(name: string, placed: PlacedOrder): void {
    this.#placed.set(name, placed);
    const [oldest] = this.#placed.keys();
    if (this.#placed.size > MAX_ORDERS && oldest !== undefined) this.#placed.delete(oldest);
  }
}

function conflict(reason: string, message: string, details: Record<string, unknown> = {}): BottleError {
  return new BottleError(Code.FAILED_PRECONDITION, reason, message, { details, httpStatus: 409 });
}
