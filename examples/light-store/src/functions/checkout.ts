import { BottleError, Code, defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import { parseOrderForm } from '../store/order-form.ts';
import type { ShippingRate } from '../store/orders.ts';
import { cartIdOf } from './cart-cookie.ts';

/**
 * POST /checkout: turns the cart into an order. The client names its attempt with an `idempotency-key` header; when it
 * never saw the answer it sends the same again and gets the same order, not a second one. What shipping costs is asked
 * of another function: the call goes through the sidecar, with this invocation's deadline and trace.
 */
export const checkout = defineFunction.http(async (ctx, body) => {
  const key = idempotencyKeyOf(ctx);
  const form = parseOrderForm(body);
  const rate = await ctx.bottle.rpc.invoke<ShippingRate>('shippingRate', { country: form.address.country });
  const { order, replayed } = ctx.store.orders.place({ cartId: cartIdOf(ctx), key, form, rate });
  if (!replayed) ctx.logger.info({ orderId: order.id, total: order.total }, 'order placed');
  ctx.status = 201;
  ctx.set('idempotency-replayed', String(replayed));
  return order;
});

function idempotencyKeyOf(ctx: FaaSHttpContext): string {
  const key = ctx.get('idempotency-key');
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = 'send an idempotency-key header of 1 to 255 visible characters: a new one for each new order';
  throw new BottleError(Code.INVALID_ARGUMENT, 'no-idempotency-key', message);
}
