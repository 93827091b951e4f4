import { BottleError, Code, defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import { parseOrderForm, type OrderForm } from '../store/order-form.ts';
import type { ShippingRate } from '../store/orders.ts';
import { cartIdOf } from './cart-cookie.ts';
import { tellOthers } from './tell-others.ts';

/**
 * POST /checkout: turns the cart into an order. The client names its attempt with an `idempotency-key` header; when it
 * never saw the answer it sends the same again and gets the same order, not a second one.
 */
export const checkout = defineFunction.http(async (ctx, body) => {
  const key = idempotencyKeyOf(ctx);
  const form = parseOrderForm(body);
  const rate = await shippingOf(ctx, form);
  const { order, replayed } = await ctx.store.orders.place({ cartId: cartIdOf(ctx), key, form, rate });
  if (!replayed) {
    ctx.logger.info({ orderId: order.id, total: order.total }, 'order placed');
    await tellOthers(ctx, order);
  }
  ctx.status = 201;
  ctx.set('idempotency-replayed', String(replayed));
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

function idempotencyKeyOf(ctx: FaaSHttpContext): string {
  const key = ctx.get('idempotency-key');
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = 'send an idempotency-key header of 1 to 255 visible characters: a new one for each new order';
  throw new BottleError(Code.INVALID_ARGUMENT, 'no-idempotency-key', message);
}
