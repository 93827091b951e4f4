import { BottleError, Code, defineFunction } from 'bottle-sdk';
import { allItems, findItem, type Item } from './catalogue.ts';
import { wholeNumber } from './query.ts';

const SORTS: Readonly<Record<string, (a: Item, b: Item) => number>> = {
  name: (a, b) => a.name.localeCompare(b.name),
  price: (a, b) => a.priceCents - b.priceCents,
  stock: (a, b) => b.stock - a.stock,
};

/** GET /items?category=&sort=name|price|stock&offset=&limit= */
export const list = defineFunction.http(({ query }) => {
  const sort = SORTS[String(query['sort'] ?? 'name')];
  if (!sort)
    throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', `sort must be one of ${Object.keys(SORTS).join(', ')}`);
  const offset = wholeNumber(query['offset'], 'offset', { min: 0, max: 10_000, otherwise: 0 });
  const limit = wholeNumber(query['limit'], 'limit', { min: 1, max: 100, otherwise: 20 });
  const category = query['category'];
  const found = allItems().filter((item) => category === undefined || item.category === category);
  return { total: found.length, offset, items: found.toSorted(sort).slice(offset, offset + limit) };
});

/** GET /items/:id */
export const detail = defineFunction.http(({ params }) => findItem(params['id'] ?? ''));

/** GET /search?q= : every word must appear in the name or the description. */
export const search = defineFunction.http(({ query }) => {
  const words = String(query['q'] ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean);
  if (words.length === 0) throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', 'what shall be searched? ?q=…');
  const items = allItems().filter(({ name, description }) => {
    const text = `${name} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return { q: words.join(' '), items };
});
