import { defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import { type Cart, viewCart } from '../store/carts.ts';
import { outOfStock } from '../store/catalogue.ts';
import { FieldProblems } from '../store/field-problems.ts';
import { cartIdOf, rememberCart } from './cart-cookie.ts';
import { itemOf } from './item-of.ts';

const MAX_QUANTITY = 99;

/** GET /cart: what is in it, at today's prices. Somebody without a cart sees an empty one. */
export const show = defineFunction.http(async (ctx) => answer(ctx, await ctx.store.carts.find(cartIdOf(ctx))));

/** PUT /cart/items/:id with {"quantity": 2}: sets how many there are, however often it is sent. */
export const putItem = defineFunction.http(async (ctx, body) => {
  const item = await itemOf(ctx);
  const quantity = parseQuantity(body);
  if (quantity > item.stock) throw outOfStock([item]);
  const cart = await ctx.store.carts.put(cartIdOf(ctx), item.id, quantity);
  rememberCart(ctx, cart);
  return await answer(ctx, cart);
});

/** DELETE /cart/items/:id: takes an item out; one that is not there is no mistake. */
export const removeItem = defineFunction.http(async (ctx) => {
  const { id } = await itemOf(ctx);
  const cartId = cartIdOf(ctx);
  await ctx.store.carts.remove(cartId, id);
  return await answer(ctx, await ctx.store.carts.find(cartId));
});

function answer(ctx: FaaSHttpContext, cart: Cart | undefined) {
  ctx.set('cache-control', 'no-store');
  return viewCart(cart, ctx.store.catalogue);
}

function parseQuantity(body: unknown): number {
  const quantity = typeof body === 'object' && body !== null && 'quantity' in body ? body.quantity : undefined;
  const problems = new FieldProblems();
  if (!Number.isInteger(quantity) || Number(quantity) < 1 || Number(quantity) > MAX_QUANTITY) {
    problems.add('quantity', `expected a whole number from 1 to ${MAX_QUANTITY}, in a JSON object`);
  }
  problems.throwIfAny('invalid-quantity');
  return Number(quantity);
}
