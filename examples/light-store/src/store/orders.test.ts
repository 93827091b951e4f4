import { randomUUID } from 'node:crypto';
import type { Bottle } from 'bottle-sdk';
import { expect, test } from 'vitest';
import { Orders } from './orders.ts';
import { sampleForm, sampleItem } from './sample-items.ts';
import { openSampleShop } from './sample-shop.ts';

const RATE = { price: 490, freeFrom: 1_000 };

/** A shop with one lamp of 300 and two in stock, and a cart that holds one. */
async function shopWithCart() {
  const shop = await openSampleShop([sampleItem({ id: 'lamp', price: 300, stock: 2 })]);
  const cart = await shop.carts.put('', 'lamp', 1);
  const stock = async () => (await shop.fake.bottle.db('shop').sql`select stock from items`.first())?.['stock'];
  return { ...shop, cart, stock, request: { cartId: cart.id, key: 'first', form: sampleForm(), rate: RATE } };
}

test('an order has the prices, takes from the stock and empties the cart', async () => {
  await using shop = await shopWithCart();
  const { order, replayed } = await shop.orders.place(shop.request);
  expect(replayed).toBe(false);
  expect(order).toMatchObject({
    items: [{ id: 'lamp', price: 300, quantity: 1, total: 300 }],
    subtotal: 300,
    shipping: 490,
    total: 790,
    currency: 'EUR',
  });
  expect(await shop.stock()).toBe(1);
  expect(await shop.carts.find(shop.cart.id)).toBeUndefined();
});

test('an order of the free-shipping amount ships free of charge', async () => {
  await using shop = await shopWithCart();
  const { order } = await shop.orders.place({ ...shop.request, rate: { price: 490, freeFrom: 300 } });
  expect(order).toMatchObject({ shipping: 0, total: 300 });
});

test('the same key brings the same order, as it was stored, and sells nothing twice', async () => {
  await using shop = await shopWithCart();
  const first = await shop.orders.place(shop.request);
  const second = await shop.orders.place(structuredClone(shop.request));
  expect(second).toEqual({ order: first.order, replayed: true });
  expect(await shop.stock()).toBe(1);
});

test('a key that stood for another form is refused', async () => {
  await using shop = await shopWithCart();
  await shop.orders.place(shop.request);
  const changed = { ...shop.request, form: { ...sampleForm(), payment: 'cash-on-delivery' as const } };
  const refusal = { reason: 'idempotency-key-reused', httpStatus: 422 };
  await expect(shop.orders.place(changed)).rejects.toMatchObject(refusal);
});

test('two carts may use the same key, and a key that differs in case is another one', async () => {
  await using shop = await shopWithCart();
  const { order } = await shop.orders.place(shop.request);
  const other = await shop.carts.put('', 'lamp', 1);
  expect((await shop.orders.place({ ...shop.request, cartId: other.id })).order.id).not.toBe(order.id);
  await expect(shop.orders.place({ ...shop.request, key: 'FIRST' })).rejects.toMatchObject({ reason: 'empty-cart' });
});

test('what is refused changes nothing, and the key may be used again', async () => {
  await using shop = await shopWithCart();
  const { orders, carts, request, cart } = shop;
  await carts.put(cart.id, 'lamp', 3);
  await expect(orders.place(request)).rejects.toMatchObject({ reason: 'out-of-stock', httpStatus: 409 });
  const wrongTotal = { ...request, form: { ...sampleForm(), expectedTotal: 299 } };
  await carts.put(cart.id, 'lamp', 1);
  await expect(orders.place(wrongTotal)).rejects.toMatchObject({ reason: 'price-changed', httpStatus: 409 });
  expect(await shop.stock()).toBe(2);
  expect((await orders.place(request)).replayed).toBe(false);
});

test('an empty cart and an unknown one buy nothing', async () => {
  await using shop = await shopWithCart();
  await shop.carts.remove(shop.cart.id, 'lamp');
  for (const cartId of [shop.cart.id, 'unknown', '']) {
    const placing = shop.orders.place({ ...shop.request, cartId });
    await expect(placing).rejects.toMatchObject({ reason: 'empty-cart', httpStatus: 409 });
  }
});

test('of many attempts at one cart at the same time one buys it, each with a key of its own', async () => {
  await using shop = await shopWithCart();
  const attempts = [1, 2, 3, 4].map((number) => shop.orders.place({ ...shop.request, key: `attempt-${number}` }));
  const settled = await Promise.allSettled(attempts);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(settled.filter(({ status }) => status === 'rejected')).toMatchObject(
    Array.from({ length: 3 }, () => ({ reason: { reason: 'empty-cart' } })),
  );
  expect(await shop.stock()).toBe(1);
});

test('one key makes one order even where the lock does not hold', async () => {
  await using shop = await shopWithCart();
  const { bottle } = shop.fake;
  const useless: Bottle['lock'] = (resource) => {
    const locks = bottle.lock(resource);
    const acquire = locks.acquire.bind(locks);
    return Object.assign(locks, { acquire: () => acquire(randomUUID()) });
  };
  const placing = [1, 2, 3].map(() => new Orders({ ...bottle, lock: useless }, shop).place(shop.request));
  const placed = await Promise.all(placing);
  expect(new Set(placed.map(({ order }) => order.id)).size).toBe(1);
  expect(placed.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(await shop.stock()).toBe(1);
});

test('without its database the shop sells nothing, and the cart stays', async () => {
  await using shop = await shopWithCart();
  shop.fake.fail('db.shop', { operation: 'transaction' });
  await expect(shop.orders.place(shop.request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await shop.carts.find(shop.cart.id)).toBeDefined();
});
