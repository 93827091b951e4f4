import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import type { Order } from '../store/orders.ts';
import { sampleItem } from '../store/sample-items.ts';
import { openSampleShop } from '../store/sample-shop.ts';
import { pickOrder } from './pick-order.ts';

const ORDER = {
  id: '0b0e8c52-7a53-4a61-9d0b-6f4c1a2d3e4f',
  items: [{ id: 'lamp', name: 'Lamp', price: 300, quantity: 2, total: 600 }],
} as unknown as Order;

test('an order is on the warehouse’s list once, however often its message comes', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', price: 300 })]);
  for (const attempt of [1, 2]) await pickOrder(sampleContext(shop), shop.fake.message(ORDER, { attempt }));
  expect(await shop.picking.find(ORDER.id)).toEqual({ orderId: ORDER.id, lines: [{ id: 'lamp', quantity: 2 }] });
});

test('a message without an order is dropped, not tried again', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', price: 300 })]);
  const message = shop.fake.message<Order | null>(null);
  await expect(Promise.resolve(pickOrder(sampleContext(shop), message))).rejects.toMatchObject({
    reason: 'drop-message',
  });
});
