import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import type { Order } from '../store/orders.ts';
import { sampleForm, sampleItem } from '../store/sample-items.ts';
import { openSampleShop, type SampleShop } from '../store/sample-shop.ts';
import { checkout } from './checkout.ts';
import { shippingRate } from './shipping.ts';
import { sweepOutbox } from './sweep-outbox.ts';

/** A shop that has two lamps, and the function that the checkout calls. */
function openShopWithLamps(): Promise<SampleShop> {
  const lamp = sampleItem({ id: 'lamp', price: 300, stock: 2 });
  const functions = { shippingRate: (event: unknown) => shippingRate(undefined as never, event as object) };
  return openSampleShop([lamp], { functions });
}

/** Buys one lamp with a new cart. */
async function buyLamp(shop: SampleShop, form: object = sampleForm()) {
  const cart = await shop.carts.put('', 'lamp', 1);
  const context = sampleContext(shop, { cookies: { cart: cart.id }, headers: { 'idempotency-key': 'only' } });
  const order: Order = await checkout(context, form);
  return { order, context };
}

/** The orders that the queue has. */
function publishedBy({ fake }: SampleShop): (string | undefined)[] {
  return fake.published('orders', 'orders').map(({ key }) => key?.toString());
}

test('publishes the order under its id and leaves nothing in the outbox', async () => {
  await using shop = await openShopWithLamps();
  const { order, context } = await buyLamp(shop);
  expect(context).toMatchObject({ status: 201, responseHeaders: {} });
  const [message, ...more] = shop.fake.published('orders', 'orders');
  expect(more).toEqual([]);
  expect(message?.key?.toString()).toBe(order.id);
  expect(JSON.parse(String(message?.value))).toEqual(order);
  expect(await shop.outbox.sweep(0)).toBe(0);
});

test('shipping costs what the other function says, and nothing for whom the promotion is on', async () => {
  await using shop = await openShopWithLamps();
  const toFrance = { ...sampleForm(), address: { ...sampleForm().address, country: 'FR' } };
  const rules = [{ if: { country: ['FR', 'BE'] } }];
  expect((await buyLamp(shop, toFrance)).order).toMatchObject({ shipping: 990, total: 1_290 });
  await shop.fake.bottle.switches('promotions').set('free-shipping', { on: false, rules });
  await expect.poll(async () => (await buyLamp(shop, toFrance)).order).toMatchObject({ shipping: 0, total: 300 });
});

test('switches that cannot be read cost the customer the promotion, not the order', async () => {
  await using shop = await openShopWithLamps();
  shop.fake.fail('switches.promotions');
  expect((await buyLamp(shop)).order).toMatchObject({ shipping: 490 });
});

test('an order stands while the queue is away, and reaches it by the sweep', async () => {
  await using shop = await openShopWithLamps();
  shop.fake.fail('mq.orders');
  const { order, context } = await buyLamp(shop);
  expect(context.status).toBe(201);
  expect(context.logged).toContainEqual(expect.objectContaining({ level: 'warn', message: 'told nobody yet' }));
  expect(publishedBy(shop)).toEqual([]);

  shop.fake.reset();
  expect(await sweepOutbox(sampleContext(shop), undefined)).toEqual({ published: 0 }); // too young
  await shop.fake.bottle.db('shop').sql`update outbox set placed_at = ${new Date(Date.now() - 60_000)}`;
  const next = await buyLamp(shop);
  expect(new Set(publishedBy(shop))).toEqual(new Set([order.id, next.order.id]));
  expect(await sweepOutbox(sampleContext(shop), undefined)).toEqual({ published: 0 });
});

test('an order stands while the cache is away for a moment', async () => {
  await using shop = await openShopWithLamps();
  shop.fake.fail('cache.catalogue');
  const { context, order } = await buyLamp(shop);
  expect(context.status).toBe(201);
  expect(publishedBy(shop)).toEqual([order.id]);
});

test('without a lock nothing is sold', async () => {
  await using shop = await openShopWithLamps();
  shop.fake.fail('lock.checkout');
  await expect(buyLamp(shop)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(publishedBy(shop)).toEqual([]);
});
