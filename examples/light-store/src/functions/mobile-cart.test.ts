import type { FaaSGatewayContext } from 'bottle-sdk';
import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import { sampleItem } from '../store/sample-items.ts';
import { openSampleShop, type SampleShop } from '../store/sample-shop.ts';
import { addToCart } from './mobile-cart.ts';

function contextOf(shop: SampleShop): FaaSGatewayContext {
  const gateway = { api: 'store.cart.add', version: '1.0', appKey: 'mobile', device: 'phone', session: undefined };
  return Object.assign(sampleContext(shop), { gateway });
}

test('makes a cart, and adds to it', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', price: 300, stock: 3 })]);
  const first = await addToCart(contextOf(shop), { itemId: 'lamp' });
  expect(first).toMatchObject({ cartId: expect.stringMatching(/^[0-9a-f-]{36}$/), total: 300 });
  const second = await addToCart(contextOf(shop), { cartId: first.cartId, itemId: 'lamp', quantity: 2 });
  expect(second).toMatchObject({ cartId: first.cartId, items: [{ id: 'lamp', quantity: 3 }], total: 900 });
});

test('refuses more than there is, and says everything that is wrong', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', stock: 2 })]);
  const { cartId } = await addToCart(contextOf(shop), { itemId: 'lamp', quantity: 2 });
  const more = Promise.resolve(addToCart(contextOf(shop), { cartId, itemId: 'lamp' }));
  await expect(more).rejects.toMatchObject({ reason: 'out-of-stock' });
  const wrong = Promise.resolve(addToCart(contextOf(shop), { cartId: 7, quantity: 1.5 }));
  const problems = [{ field: 'cartId' }, { field: 'itemId' }, { field: 'quantity' }];
  await expect(wrong).rejects.toMatchObject({ reason: 'invalid-addition', details: { problems } });
});
