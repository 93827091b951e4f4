import { expect, test } from 'vitest';
import { sampleContext } from '../sample-context.ts';
import { sampleForm, sampleItem } from '../store/sample-items.ts';
import { openSampleShop, type SampleShop } from '../store/sample-shop.ts';
import { nightlyReport } from './nightly-report.ts';

const RATE = { price: 490, freeFrom: 1_000 };

function openShopWithLamps(): Promise<SampleShop> {
  return openSampleShop([sampleItem({ id: 'lamp', price: 300 }), sampleItem({ id: 'bulb', price: 100 })]);
}

/** Buys, at that time. */
async function buy(shop: SampleShop, quantities: Readonly<Record<string, number>>, placedAt: string): Promise<void> {
  let cart = await shop.carts.put('', Object.keys(quantities)[0] ?? '', 1);
  for (const [id, quantity] of Object.entries(quantities)) cart = await shop.carts.put(cart.id, id, quantity);
  const { order } = await shop.orders.place({ cartId: cart.id, key: placedAt, form: sampleForm(), rate: RATE });
  await shop.fake.bottle.db('shop').sql`update orders set placed_at = ${new Date(placedAt)} where id = ${order.id}`;
}

/** The function's result for a tick at that time. */
async function reportAt(shop: SampleShop, time: string, payload?: { day: string }) {
  return await nightlyReport(sampleContext(shop), shop.fake.tick(payload, { scheduledAt: new Date(time) }));
}

test('sums up the day before the time that its tick is for, from midnight to midnight in UTC', async () => {
  await using shop = await openShopWithLamps();
  await buy(shop, { lamp: 1 }, '2026-11-19T23:59:59.999Z');
  await buy(shop, { lamp: 1, bulb: 2 }, '2026-11-20T00:00:00.000Z');
  await buy(shop, { lamp: 4 }, '2026-11-20T23:59:59.999Z');
  await buy(shop, { lamp: 1 }, '2026-11-21T00:00:00.000Z');
  const report = {
    day: '2026-11-20',
    orders: 2,
    revenue: 1_700,
    shipping: 490,
    bestSellers: [
      { id: 'lamp', quantity: 5 },
      { id: 'bulb', quantity: 2 },
    ],
  };
  expect(await reportAt(shop, '2026-11-21T03:00:00Z')).toEqual(report);
  expect(await shop.reports.find('2026-11-20')).toEqual(report);
});

test('a day without orders has a report, too', async () => {
  await using shop = await openShopWithLamps();
  const empty = { day: '2026-11-20', orders: 0, revenue: 0, shipping: 0, bestSellers: [] };
  expect(await reportAt(shop, '2026-11-21T03:00:00Z')).toEqual(empty);
  expect(await shop.reports.find('2026-11-19')).toBeUndefined();
});

test('made twice, the second report takes the place of the first', async () => {
  await using shop = await openShopWithLamps();
  await buy(shop, { bulb: 1 }, '2026-11-20T10:00:00Z');
  await reportAt(shop, '2026-11-21T03:00:00Z');
  await buy(shop, { bulb: 1 }, '2026-11-20T11:00:00Z');
  await reportAt(shop, '2026-11-21T03:00:00Z');
  expect(await shop.reports.find('2026-11-20')).toMatchObject({ orders: 2, revenue: 200 });
});

test('fired by hand it takes any day, and refuses what is none', async () => {
  await using shop = await openShopWithLamps();
  await buy(shop, { bulb: 1 }, '2026-02-28T10:00:00Z');
  expect(await reportAt(shop, '2026-11-21T03:00:00Z', { day: '2026-02-28' })).toMatchObject({ orders: 1 });
  await expect(reportAt(shop, '2026-11-21T03:00:00Z', { day: 'monday' })).rejects.toMatchObject({
    reason: 'invalid-day',
  });
});
