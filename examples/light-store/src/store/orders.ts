import { createHash, randomUUID } from 'node:crypto';
import { type Bottle, BottleError, Code, type Database, type LockClient, type Transaction } from 'bottle-sdk';
import { type CartLine, type Carts, isCartId } from './carts.ts';
import { type Catalogue, CURRENCY } from './catalogue.ts';
import { isDuplicate } from './is-duplicate.ts';
import type { OrderForm } from './order-form.ts';
import { addToOutbox } from './outbox.ts';

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

/** An attempt to buy, as the table of orders knows it. */
interface Attempt {
  idempotencyKey: string;
  /** What the key stands for. */
  fingerprint: string;
}

type OrderRow = Omit<Order, 'placedAt' | 'items' | 'total'> & { placed_at: Date; fingerprint: string };

/** The orders, in the database. */
export class Orders {
  readonly #db: Database;
  readonly #locks: LockClient;
  readonly #catalogue: Catalogue;
  readonly #carts: Carts;

  constructor(bottle: Bottle, { catalogue, carts }: { catalogue: Catalogue; carts: Carts }) {
    this.#db = bottle.db('shop');
    this.#locks = bottle.lock('checkout');
    this.#catalogue = catalogue;
    this.#carts = carts;
  }

  /**
   * Turns a cart into an order, takes its items from the stock and empties it. The same cart and key bring the same
   * order again, with `replayed` set. Throws FAILED_PRECONDITION when the cart is empty, something is out of stock or
   * costs something else than expected, ALREADY_EXISTS when the key stood for another form.
   */
  async place(request: OrderRequest): Promise<{ order: Order; replayed: boolean }> {
    const { cartId, key, form } = request;
    if (!isCartId(cartId)) throw emptyCart();
    const attempt = { idempotencyKey: digest(`${cartId} ${key}`), fingerprint: digest(JSON.stringify(form)) };
    // Two attempts at one cart come one after the other, whichever pods they reach: the second finds it empty.
    await using lock = await this.#locks.acquire(`cart:${cartId}`, { wait: '5s' });
    const earlier = await this.#find(attempt);
    if (earlier) return { order: earlier, replayed: true };
    try {
      const order = await this.#buy(request, attempt, () => lock.assertHeld());
      await this.#carts.clear(cartId);
      return { order, replayed: false };
    } catch (error) {
      // A lock is a lease, and may be lost; the unique key of the table is what nobody gets around.
      const placed = isDuplicate(error) ? await this.#find(attempt) : undefined;
      if (placed) return { order: placed, replayed: true };
      throw error;
    }
  }

  /** Stock, order and the message about it: all of that or none. */
  async #buy(request: OrderRequest, attempt: Attempt, beforeCommit: () => void): Promise<Order> {
    const { quantities } = (await this.#carts.find(request.cartId)) ?? {};
    if (!quantities) throw emptyCart();
    return await this.#db.transaction(async (tx) => {
      const taken = new Map((await this.#catalogue.take(tx, quantities)).map((item) => [item.id, item]));
      const items = [...quantities].map(([id, quantity]) => {
        const { name = '', price = 0 } = taken.get(id) ?? {};
        return { id, name, price, quantity, total: price * quantity };
      });
      const order = orderOf(items, request);
      await insertOrder(tx, order, attempt);
      await addToOutbox(tx, order);
      beforeCommit();
      return order;
    });
  }

  /** The order that an attempt has made. Throws when the key was used with another form. */
  async #find({ idempotencyKey, fingerprint }: Attempt): Promise<Order | undefined> {
    const row = await this.#db.sql<OrderRow>`
      select id, placed_at, subtotal, shipping, currency, customer, payment, fingerprint
      from orders where idempotency_key = ${idempotencyKey}`.first();
    if (!row) return undefined;
    const { placed_at, fingerprint: stored, ...rest } = row;
    if (stored !== fingerprint) {
      const message = 'this idempotency key was used with another order form';
      throw new BottleError(Code.ALREADY_EXISTS, 'idempotency-key-reused', message, { httpStatus: 422 });
    }
    const items = await this.#db.sql<Order['items'][number]>`
      select item_id as id, name, price, quantity, price * quantity as total
      from order_lines where order_id = ${row.id} order by line`;
    return { ...rest, placedAt: placed_at.toISOString(), items, total: row.subtotal + row.shipping };
  }
}

function orderOf(items: Order['items'], { form, rate }: OrderRequest): Order {
  const subtotal = items.reduce((sum, { total }) => sum + total, 0);
  const { name, email, address, payment, expectedTotal } = form;
  if (expectedTotal !== undefined && expectedTotal !== subtotal)
    throw conflict('price-changed', `the cart costs ${subtotal} now`, { total: subtotal, expectedTotal });
  const shipping = subtotal >= rate.freeFrom ? 0 : rate.price;
  return {
    id: randomUUID(),
    placedAt: new Date().toISOString(),
    items,
    subtotal,
    shipping,
    total: subtotal + shipping,
    currency: CURRENCY,
    customer: { name, email, address },
    payment,
  };
}

async function insertOrder(tx: Transaction, order: Order, { idempotencyKey, fingerprint }: Attempt): Promise<void> {
  const { id, placedAt, items, subtotal, shipping, currency, customer, payment } = order;
  await tx.sql`
    insert into orders
      (id, idempotency_key, fingerprint, placed_at, subtotal, shipping, currency, customer, payment)
    values
      (${id}, ${idempotencyKey}, ${fingerprint}, ${new Date(placedAt)}, ${subtotal}, ${shipping}, ${currency},
       ${customer}, ${payment})`;
  const lines = items.map(({ id: item_id, name, price, quantity }, line) => ({
    order_id: id,
    line,
    item_id,
    name,
    price,
    quantity,
  }));
  await tx.insertMany('order_lines', lines);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function emptyCart(): BottleError {
  return conflict('empty-cart', 'the cart is empty');
}

function conflict(reason: string, message: string, details: Record<string, unknown> = {}): BottleError {
  return new BottleError(Code.FAILED_PRECONDITION, reason, message, { details, httpStatus: 409 });
}
