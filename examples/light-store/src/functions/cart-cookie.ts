import type { FaaSHttpContext } from 'bottle-sdk';
import { type Cart, CART_DAYS } from '../store/carts.ts';

const COOKIE = 'cart';

/** The id that the client brought, '' without one. It may name a cart that is long gone, or none. */
export function cartIdOf(ctx: FaaSHttpContext): string {
  return ctx.cookies.get(COOKIE) ?? '';
}

/** Lets the client come back to this cart for a week; no script and no other site can use it. */
export function rememberCart(ctx: FaaSHttpContext, cart: Cart): void {
  ctx.cookies.set(COOKIE, cart.id, { maxAge: CART_DAYS * 24 * 3600, sameSite: 'lax' });
}
