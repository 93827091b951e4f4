import { defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import { parseOrderForm, type OrderForm } from '../store/order-form.ts';
import type { ShippingRate } from '../store/orders.ts';
import { cartIdOf } from './cart-cookie.ts';
import { tellOthers } from './tell-others.ts';

/**
 * POST /checkout: turns the cart into an order. The client names its attempt with an `idempotency-key` header; when it
 * never saw the answer it sends the same again and gets the same order, not a second one. The route's rule sees to that
 * before the function runs; what it has forgotten, the table of orders knows.
 */
export const checkout = defineFunction.http(async (ctx, body) => {
  const key = ctx.get('idempotency-key');
  const form = parseOrderForm(body);
  const rate = await shippingOf(ctx, form);
  const { order, replayed } = await ctx.store.orders.place({ cartId: cartIdOf(ctx), key, form, rate });
  if (!replayed) {
    ctx.logger.info({ orderId: order.id, total: order.total }, 'order placed');
    await tellOthers(ctx, order);
  }
  ctx.status = 201;
  if (replayed) ctx.set('idempotency-replayed', 'true');
  return order;
});

/** Another function knows what shipping costs: the call goes through the sidecar, with this deadline and trace. */
async function shippingOf({ bottle }: FaaSHttpContext, { email, address }: OrderForm): Promise<ShippingRate> {
  const { country } = address;
  const customer = { country, userId: email };
  const isFree = await bottle.switches('promotions').isOn('free-shipping', customer, { fallback: false });
  if (isFree) return { price: 0, freeFrom: 0 };
  return await bottle.rpc.invoke<ShippingRate>('shippingRate', { country });
}
