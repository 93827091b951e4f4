import { randomUUID } from 'node:crypto';
import { BottleError, bottle, Code, defineFunction } from 'bottle-sdk';
import { cartOf } from './carts.ts';
import { findItem } from './catalogue.ts';
import type { Quote } from './quote.ts';

interface CheckoutRequest {
  name?: unknown;
  address?: unknown;
}

interface Order extends Quote {
  orderId: string;
  name: string;
  lines: { id: string; quantity: number }[];
}

const MAX_REMEMBERED = 10_000;
const ordersByKey = new Map<string, Promise<Order>>();

/** POST /checkout {"name", "address"}. The same `idempotency-key` header gets the same order, not a second one. */
export const checkout = defineFunction.http<CheckoutRequest>(async (ctx, event) => {
  const name = text(event?.name, 'name');
  text(event?.address, 'address');
  const cart = cartOf(ctx);
  const key = ctx.get('idempotency-key');
  const known = key === '' ? undefined : ordersByKey.get(key);
  const order =
    known ??
    place(
      name,
      [...cart].map(([id, quantity]) => ({ id, quantity })),
    );
  if (key !== '' && !known) remember(key, order);
  const placed = await order;
  cart.clear();
  ctx.logger.info({ orderId: placed.orderId, totalCents: placed.totalCents }, 'order placed');
  ctx.status = 201;
  return placed;
});

async function place(name: string, lines: { id: string; quantity: number }[]): Promise<Order> {
  if (lines.length === 0)
    throw new BottleError(Code.FAILED_PRECONDITION, 'empty-cart', 'the cart is empty', { httpStatus: 409 });
  const price = await bottle.rpc.invoke<Quote>('quote', { lines });
  for (const { id, quantity } of lines) {
    const { stock } = findItem(id);
    if (stock < quantity) throw new BottleError(Code.ABORTED, 'out-of-stock', `only ${stock} left of ${id}`);
  }
  for (const { id, quantity } of lines) findItem(id).stock -= quantity;
  return { orderId: randomUUID(), name, lines, ...price };
}

function remember(key: string, order: Promise<Order>): void {
  ordersByKey.set(key, order);
  order.catch(() => ordersByKey.delete(key)); // an order that failed may be tried again
  if (ordersByKey.size > MAX_REMEMBERED) ordersByKey.delete(ordersByKey.keys().next().value ?? '');
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-checkout', `${field} is required`);
}
