import { createFakeBottle } from 'bottle-sdk/testing';
import { expect, test } from 'vitest';
import { sampleItem } from './sample-items.ts';
import { openShop } from './schema.ts';
import { createStore } from './store.ts';

const items = [sampleItem({ id: 'lamp', name: 'Lampe à pétrole', rating: 4.5, tags: ['brass', 'ünïcode'] })];

test('puts the items in once, however many pods open the shop at the same time', async () => {
  await using fake = createFakeBottle();
  const db = fake.bottle.db('shop');
  await Promise.all([1, 2, 3].map(() => openShop(db, items)));
  expect(await createStore(fake.bottle).catalogue.all()).toEqual(items);
});

test('what was sold stays sold when the shop opens again', async () => {
  await using fake = createFakeBottle();
  const db = fake.bottle.db('shop');
  await openShop(db, items);
  await db.sql`update items set stock = 3`;
  await openShop(db, items);
  expect(await createStore(fake.bottle).catalogue.get('lamp')).toMatchObject({ stock: 3 });
});
