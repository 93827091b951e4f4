import type { FaaSLogger } from 'bottle-sdk';
import { expect, test, vi } from 'vitest';
import { sampleItem } from './sample-items.ts';
import { openSampleShop } from './sample-shop.ts';

const warn = vi.fn<(fields: object, message: string) => void>();
const logger = { warn } as unknown as FaaSLogger;
/** So rarely that it does not happen during a test. */
const NEVER = { tickMs: 600_000 };

test('everybody who watches sees a delivery', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', stock: 1 })], NEVER);
  const watchers = await Promise.all([shop.feed.watch(logger), shop.feed.watch(logger)]);
  const next = watchers.map((changes) => changes.next());
  await shop.catalogue.restock('lamp', 1);
  const delivered = { event: 'stock', data: { id: 'lamp', stock: 2 } };
  expect((await Promise.all(next)).map(({ value }) => value as unknown)).toEqual([delivered, delivered]);
});

test('prices move exactly while somebody watches, once for all of them', async () => {
  const shop = await openSampleShop([sampleItem({ id: 'lamp', price: 1_000 })], { tickMs: 100 });
  const watchers = await Promise.all([1, 2, 3].map(() => shop.feed.watch(logger)));
  const startedAt = performance.now();
  for (let change = 0; change < 3; change++) {
    const moves = await Promise.all(watchers.map((changes) => changes.next()));
    expect(moves.map(({ value }) => value as unknown)).toMatchObject(moves.map(() => ({ event: 'price' })));
    expect(new Set(moves.map(({ value }) => JSON.stringify(value))).size).toBe(1);
  }
  expect(performance.now() - startedAt).toBeGreaterThan(250);
  expect(shop.feed.watching).toBe(3);
  await Promise.all(watchers.map((changes) => changes.return(undefined)));
  expect(shop.feed.watching).toBe(0);

  const { length } = shop.fake.calls;
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(shop.fake.calls).toHaveLength(length);
  await shop.fake.close();
});

test('a price that cannot move is a line in the log, and the feed goes on', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp' })], { tickMs: 5 });
  const changes = await shop.feed.watch(logger);
  shop.fake.fail('cache.catalogue', { operation: 'set', times: 1 });
  expect(await changes.next()).toMatchObject({ done: false, value: { event: 'price' } });
  expect(warn).toHaveBeenCalledWith(expect.anything(), 'no price has moved');
});
