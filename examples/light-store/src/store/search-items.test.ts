import { expect, test } from 'vitest';
import { sampleItem } from './sample-items.ts';
import { searchItems } from './search-items.ts';

const items = [
  sampleItem({ id: 'shelf', name: 'Shelf', description: 'Holds a lamp.' }),
  sampleItem({ id: 'lamp', name: 'Lampe à pétrole', category: 'table-lamps', tags: ['brass'], rating: 3 }),
  sampleItem({ id: 'better', name: 'Lamp', category: 'table-lamps', tags: ['brass'], rating: 5 }),
];

function idsOf(text: string): string[] {
  return searchItems(items, text).map(({ item }) => item.id);
}

test('a hit in the name comes before one in the description, equals by their rating', () => {
  expect(idsOf('lamp')).toEqual(['better', 'lamp', 'shelf']);
});

test('every word must be found somewhere', () => {
  expect(idsOf('brass lamp')).toEqual(['better', 'lamp']);
  expect(idsOf('brass shelf')).toEqual([]);
});

test('the beginning of a word suffices; case and accents do not matter', () => {
  expect(idsOf('PETRO')).toEqual(['lamp']);
  expect(idsOf('pétrole')).toEqual(['lamp']);
  expect(idsOf('etrole')).toEqual([]);
});

test('without a word there is no hit', () => {
  expect(idsOf(' - ')).toEqual([]);
});
