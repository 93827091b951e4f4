import { randomUUID } from 'node:crypto';
import type { FaaSHttpContext } from 'bottle-sdk';
import { findItem } from './catalogue.ts';

/** Item id → quantity. */
export type Cart = Map<string, number>;

/** The process remembers this many carts; the oldest is forgotten first. */
const MAX_CARTS = 10_000;
const carts = new Map<string, Cart>();

/** The visitor's cart, by cookie; a new visitor gets one. */
export function cartOf(ctx: FaaSHttpContext): Cart {
  const known = carts.get(ctx.cookies.get('cart') ?? '');
  if (known) return known;
  const id = randomUUID();
  const cart: Cart = new Map();
  carts.set(id, cart);
  if (carts.size > MAX_CARTS) carts.delete(carts.keys().next().value ?? '');
  ctx.cookies.set('cart', id, { maxAge: 7 * 24 * 3600, sameSite: 'lax' });
  return cart;
}

export function describeCart(cart: Cart) {
  const lines = [...cart].map(([id, quantity]) => {
    const { name, priceCents } = findItem(id);
    return { id, name, quantity, priceCents, sumCents: priceCents * quantity };
  });
  return { lines, totalCents: lines.reduce((sum, line) => sum + line.sumCents, 0) };
}
