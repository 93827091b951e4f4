import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CHANGES, type Item } from './catalogue.ts';
import { sampleItem } from './sample-items.ts';
import { openSampleShop, type SampleShop } from './sample-shop.ts';

/** What the feed is told from now on. */
async function changesOf({ fake }: SampleShop): Promise<() => Promise<unknown>> {
  const changes = await fake.bottle.cache('catalogue').subscribe(CHANGES);
  return async () => (await changes.next()).value?.value;
}

test('the items that ship are about forty, each complete and with an id of its own', async () => {
  const text = await readFile(new URL('../../data/items.json', import.meta.url), 'utf8');
  const items = JSON.parse(text) as Item[];
  expect(items.length).toBeGreaterThanOrEqual(40);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  expect(new Set(items.map(({ category }) => category)).size).toBe(6);
  for (const item of items) {
    expect(item.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/); // it is part of paths and of file names
    expect(item.name).not.toBe('');
    expect(item.description.length).toBeGreaterThan(20);
    expect(item.price).toSatisfy((price: number) => Number.isInteger(price) && price > 0);
    expect(item.stock).toSatisfy((stock: number) => Number.isInteger(stock) && stock >= 0);
    expect(item.rating).toSatisfy((rating: number) => rating > 0 && rating <= 5);
    expect(item.tags.length).toBeGreaterThan(0);
  }
});

test('an unknown item is a 404 that names it, and so is what no id looks like', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp' })]);
  for (const id of ['sofa', 'LAMP', 'lamp ', '', '../lamp', "' or 1=1"]) {
    const refusal = { reason: 'no-item', httpStatus: 404, message: expect.stringContaining(`"${id}"`) as unknown };
    await expect(shop.catalogue.get(id)).rejects.toMatchObject(refusal);
    await expect(shop.catalogue.restock(id, 1)).rejects.toMatchObject(refusal);
  }
});

test('a second look asks the cache, not the database', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp' })]);
  await shop.catalogue.get('lamp');
  shop.fake.fail('db.shop');
  expect(await shop.catalogue.get('lamp')).toMatchObject({ id: 'lamp', stock: 10 });
});

test('a delivery is seen at once, by readers and by the feed', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', stock: 2 })]);
  const { catalogue } = shop;
  const nextChange = await changesOf(shop);
  await Promise.all([catalogue.get('lamp'), catalogue.all()]);
  await catalogue.restock('lamp', 3);
  expect(await catalogue.get('lamp')).toMatchObject({ stock: 5 });
  expect(await catalogue.all()).toMatchObject([{ stock: 5 }]);
  expect(await nextChange()).toEqual({ event: 'stock', data: { id: 'lamp', stock: 5 } });
});

test('what is taken is taken from all items or from none', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'bulb', stock: 9 }), sampleItem({ id: 'lamp', stock: 1 })]);
  const { catalogue, fake } = shop;
  const take = (quantities: Record<string, number>) =>
    fake.bottle.db('shop').transaction((tx) => catalogue.take(tx, new Map(Object.entries(quantities))));
  const refusal = { reason: 'out-of-stock', httpStatus: 409, details: { items: ['lamp'] } };
  await expect(take({ bulb: 1, lamp: 2 })).rejects.toMatchObject(refusal);
  expect(await catalogue.all()).toMatchObject([{ stock: 9 }, { stock: 1 }]);
  expect(await take({ bulb: 1, lamp: 1 })).toMatchObject([{ stock: 8 }, { stock: 0 }]);
});

test('prices stay within a tenth of the list price, however often they move', async () => {
  await using shop = await openSampleShop([sampleItem({ id: 'lamp', price: 1_000 })]);
  const nextChange = await changesOf(shop);
  for (const value of [0.999, 0.999, 0, 0.5]) await shop.catalogue.repriceOne(() => value);
  const moves = [await nextChange(), await nextChange(), await nextChange()];
  expect(moves).toMatchObject([
    { event: 'price', data: { id: 'lamp', price: 1_100, previous: 1_000 } },
    { data: { price: 900, previous: 1_100 } },
    { data: { price: 1_000, previous: 900 } },
  ]);
});
