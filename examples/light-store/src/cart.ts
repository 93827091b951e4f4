import { BottleError, Code, defineFunction } from 'bottle-sdk';
import { cartOf, describeCart } from './carts.ts';
import { findItem } from './catalogue.ts';

/** GET /cart */
export const get = defineFunction.http((ctx) => describeCart(cartOf(ctx)));

/** PUT /cart/items/:id {"quantity": n} */
export const put = defineFunction.http<{ quantity?: unknown }>((ctx, event) => {
  const item = findItem(ctx.params['id'] ?? '');
  const quantity = event?.quantity;
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1) {
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-quantity', 'quantity must be a whole number, at least 1');
  }
  if (quantity > item.stock) {
    throw new BottleError(Code.FAILED_PRECONDITION, 'out-of-stock', `only ${item.stock} left of ${item.name}`, {
      httpStatus: 409,
    });
  }
  const cart = cartOf(ctx);
  cart.set(item.id, quantity);
  return describeCart(cart);
});

/** DELETE /cart/items/:id */
export const remove = defineFunction.http((ctx) => {
  cartOf(ctx).delete(ctx.params['id'] ?? '');
  return null;
});
