import type { CloudEvent } from 'bottle-sdk';
import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import { sampleForm, sampleItem } from '../store/sample-items.ts';
import { openSampleShop, type SampleShop } from '../store/sample-shop.ts';
import { paymentSucceeded } from './payments.ts';

function openShop(): Promise<SampleShop> {
  return openSampleShop([sampleItem({ id: 'lamp', price: 300, stock: 2 })]);
}

/** An order over 790, and the event that says that it is paid. */
async function placeOrder(shop: SampleShop) {
  const cart = await shop.carts.put('', 'lamp', 1);
  const rate = { price: 490, freeFrom: 5_000 };
  const { order } = await shop.orders.place({ cartId: cart.id, key: 'only', form: sampleForm(), rate });
  const event: CloudEvent = {
    specversion: '1.0',
    id: 'evt-1',
    source: '/payments',
    type: 'com.example.payment.succeeded',
    subject: order.id,
    time: '2026-01-02T03:04:05Z',
    data: { amount: 790, currency: 'EUR' },
  };
  return { order, event };
}

test('an order is paid once, however often and with whatever times the provider says so', async () => {
  await using shop = await openShop();
  const { order, event } = await placeOrder(shop);
  expect(await shop.payments.find(order.id)).toBeUndefined();
  const paid = { orderId: order.id, amount: 790, currency: 'EUR', paidAt: '2026-01-02T03:04:05.000Z' };
  expect(await paymentSucceeded(sampleContext(shop), event)).toMatchObject({
    type: 'com.example.order.paid',
    subject: order.id,
    data: paid,
  });
  const again = { ...event, id: 'evt-2', time: '2026-01-03T00:00:00Z' };
  expect(await paymentSucceeded(sampleContext(shop), again)).toMatchObject({ data: paid });
  expect(await shop.payments.find(order.id)).toEqual(paid);
});

test('refuses an order that there is not, another amount, and events without what they are about', async () => {
  await using shop = await openShop();
  const { event } = await placeOrder(shop);
  const failureOf = (change: Partial<CloudEvent>): Promise<unknown> =>
    Promise.resolve(paymentSucceeded(sampleContext(shop), { ...event, ...change })).catch((error: unknown) => error);
  expect(await failureOf({ subject: 'nothing' })).toMatchObject({ reason: 'no-order', httpStatus: 404 });
  const cheap = await failureOf({ data: { amount: 1, currency: 'EUR' } });
  expect(cheap).toMatchObject({ reason: 'wrong-amount', httpStatus: 422 });
  expect(await failureOf({ data: { amount: 790, currency: 'USD' } })).toMatchObject({ reason: 'wrong-amount' });
  expect(await failureOf({ data: 'x' })).toMatchObject({
    reason: 'invalid-payment',
    details: { problems: [{ field: 'data.amount' }, { field: 'data.currency' }] },
  });
});
