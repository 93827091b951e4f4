import { expect, test } from 'vitest';
import { viewCart } from './carts.ts';
import { sampleItem } from './sample-items.ts';
import { openSampleShop } from './sample-shop.ts';

test('a client does not choose the id of a cart', async () => {
  await using shop = await openSampleShop([]);
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const id of ['chosen', unknown, '']) expect((await shop.carts.put(id, 'lamp', 1)).id).not.toBe(id);
  const cart = await shop.carts.put('', 'lamp', 1);
  expect(await shop.carts.put(cart.id, 'lamp', 2)).toMatchObject({ id: cart.id });
  expect(await shop.carts.find(cart.id)).toEqual({ id: cart.id, quantities: new Map([['lamp', 2]]) });
});

test('a text that is no id of a cart finds nothing, whatever is kept under it', async () => {
  await using shop = await openSampleShop([]);
  await shop.fake.bottle.cache('carts').set('secret', 1);
  expect(await shop.carts.find('secret')).toBeUndefined();
  await shop.carts.remove('secret', 'lamp');
});

test('a cart waits a week for its owner', async () => {
  await using shop = await openSampleShop([]);
  const { id } = await shop.carts.put('', 'lamp', 1);
  expect(await shop.fake.bottle.cache('carts').ttlMs(id)).toBeGreaterThan(7 * 24 * 3_600_000 - 10_000);
});

test('a cart shows current prices, sums and whether the stock suffices', async () => {
  await using shop = await openSampleShop([
    sampleItem({ id: 'lamp', price: 300, stock: 2 }),
    sampleItem({ id: 'bulb', price: 50, stock: 1 }),
  ]);
  const { id } = await shop.carts.put('', 'lamp', 1);
  await shop.carts.put(id, 'lamp', 2);
  const cart = await shop.carts.put(id, 'bulb', 2);
  expect(await viewCart(cart, shop.catalogue)).toMatchObject({
    items: [
      { id: 'lamp', quantity: 2, total: 600, available: true },
      { id: 'bulb', quantity: 2, total: 100, available: false },
    ],
    total: 700,
    currency: 'EUR',
  });
});

test('a cart takes fifty different items, and more of those', async () => {
  await using shop = await openSampleShop([]);
  let id = '';
  for (let index = 0; index < 50; index++) ({ id } = await shop.carts.put(id, `item-${index}`, 1));
  await shop.carts.put(id, 'item-0', 2);
  await expect(shop.carts.put(id, 'one-more', 1)).rejects.toMatchObject({ reason: 'cart-full', httpStatus: 409 });
});
