import { defineFunction } from 'bottle-sdk';
import { viewCart } from '../store/carts.ts';
import { outOfStock } from '../store/catalogue.ts';
import { FieldProblems } from '../store/field-problems.ts';

const MAX_QUANTITY = 99;

/**
 * `store.cart.add`, version 1.0, for the mobile app: puts so many more of an item into the cart. An app has no cookies: it
 * gets the cart's id and brings it along; without one, it gets a new cart. By the time this runs, the gateway has seen that
 * the request is the app's own, is fresh, and has not been here before.
 */
export const addToCart = defineFunction.gateway(async (ctx, event) => {
  const { cartId, itemId, quantity } = parseAddition(event);
  const { carts, catalogue } = ctx.store;
  const item = await catalogue.get(itemId);
  const inCart = (await carts.find(cartId))?.quantities.get(itemId) ?? 0;
  const wanted = inCart + quantity;
  if (wanted > Math.min(item.stock, MAX_QUANTITY)) throw outOfStock([item]);
  const cart = await carts.put(cartId, itemId, wanted);
  ctx.logger.info({ cartId: cart.id, device: ctx.gateway.device }, 'the app added to a cart');
  return { cartId: cart.id, ...(await viewCart(cart, catalogue)) };
});

function parseAddition(event: unknown): { cartId: string; itemId: string; quantity: number } {
  const { cartId = '', itemId, quantity = 1 } = typeof event === 'object' && event !== null ? (event as Addition) : {};
  const problems = new FieldProblems();
  if (typeof cartId !== 'string') problems.add('cartId', 'expected the id of a cart');
  if (typeof itemId !== 'string') problems.add('itemId', 'expected the id of an item');
  if (!Number.isInteger(quantity) || Number(quantity) < 1 || Number(quantity) > MAX_QUANTITY) {
    problems.add('quantity', `expected a whole number from 1 to ${MAX_QUANTITY}`);
  }
  problems.throwIfAny('invalid-addition');
  return { cartId: String(cartId), itemId: String(itemId), quantity: Number(quantity) };
}

interface Addition {
  cartId?: unknown;
  itemId?: unknown;
  quantity?: unknown;
}
