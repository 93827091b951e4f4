import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Catalogue, type Change, type Item } from './catalogue.ts';
import { sampleItem } from './sample-items.ts';

function catalogueOf(items: Item[]) {
  const changes: Change[] = [];
  return { changes, catalogue: new Catalogue(items, (change) => changes.push(change)) };
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

test('an unknown item is a 404 that names it', () => {
  const { catalogue } = catalogueOf([]);
  expect(() => catalogue.get('lamp')).toThrow(expect.objectContaining({ reason: 'no-item', httpStatus: 404 }));
});

test('stock moves with a change for the feed, and never below zero', () => {
  const { catalogue, changes } = catalogueOf([sampleItem({ id: 'lamp', stock: 2 })]);
  expect(catalogue.adjustStock('lamp', -2).stock).toBe(0);
  expect(() => catalogue.adjustStock('lamp', -1)).toThrow(expect.objectContaining({ reason: 'out-of-stock' }));
  expect(catalogue.get('lamp').stock).toBe(0);
  expect(changes).toEqual([{ event: 'stock', data: { id: 'lamp', stock: 0 } }]);
});

test('prices stay within a tenth of the list price, however often they move', () => {
  const { catalogue, changes } = catalogueOf([sampleItem({ id: 'lamp', price: 1_000 })]);
  for (const value of [0.999, 0.999, 0, 0.5]) catalogue.repriceOne(() => value);
  const moves = changes.map(({ data }) => data);
  expect(moves).toEqual([
    { id: 'lamp', price: 1_100, previous: 1_000 },
    { id: 'lamp', price: 900, previous: 1_100 },
    { id: 'lamp', price: 1_000, previous: 900 },
  ]);
});
