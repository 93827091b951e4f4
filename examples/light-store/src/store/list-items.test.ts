import { expect, test } from 'vitest';
import { listItems, parseListQuery } from './list-items.ts';
import { sampleItem } from './sample-items.ts';

const items = [
  sampleItem({ id: 'b', price: 300, rating: 3 }),
  sampleItem({ id: 'a', price: 100, rating: 5 }),
  sampleItem({ id: 'c', price: 200, rating: 4, category: 'smart' }),
];

function idsOf(query: Record<string, string>): string[] {
  return listItems(items, parseListQuery(query)).items.map(({ id }) => id);
}

test('without parameters everything comes in the order of the catalogue', () => {
  expect(idsOf({})).toEqual(['b', 'a', 'c']);
});

test.each([
  ['name', ['a', 'b', 'c']],
  ['-name', ['c', 'b', 'a']],
  ['price', ['a', 'c', 'b']],
  ['-rating', ['a', 'c', 'b']],
])('sorts by %s', (sort, ids) => {
  expect(idsOf({ sort })).toEqual(ids);
});

test('filters by category, and an unknown one is an empty list', () => {
  expect(idsOf({ category: 'smart' })).toEqual(['c']);
  expect(idsOf({ category: 'cars' })).toEqual([]);
});

test('cuts pages and counts what is on all of them', () => {
  const page = (number: string) => listItems(items, parseListQuery({ page: number, pageSize: '2' }));
  expect(page('1')).toMatchObject({ items: [{ id: 'b' }, { id: 'a' }], page: 1, total: 3, pages: 2 });
  expect(page('2')).toMatchObject({ items: [{ id: 'c' }], page: 2, total: 3, pages: 2 });
  expect(page('3').items).toEqual([]);
});

test('names every mistake of a query at once', () => {
  const query = { sort: 'constructor', page: '0', pageSize: '1e1' };
  expect(() => parseListQuery(query)).toThrow(
    expect.objectContaining({
      reason: 'invalid-query',
      httpStatus: 400,
      details: {
        problems: [
          expect.objectContaining({ field: 'sort' }),
          expect.objectContaining({ field: 'page' }),
          expect.objectContaining({ field: 'pageSize' }),
        ],
      },
    }),
  );
});

test('of a repeated parameter the first counts', () => {
  expect(parseListQuery({ category: ['smart', 'bulbs'] }).category).toBe('smart');
});
