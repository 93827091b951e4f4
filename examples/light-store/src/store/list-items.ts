import type { Item } from './catalogue.ts';
import { FieldProblems } from './field-problems.ts';
import { type Query, textOf, wholeNumberOf } from './query.ts';

const DEFAULT_PAGE_SIZE = 12;
const MAX_PAGE_SIZE = 50;

const COMPARE = {
  name: (a, b) => a.name.localeCompare(b.name),
  price: (a, b) => a.price - b.price,
  rating: (a, b) => a.rating - b.rating,
} as const satisfies Record<string, (a: Item, b: Item) => number>;

type SortKey = keyof typeof COMPARE;

/** Which items to list, in what order. */
export interface ListQuery {
  /** Empty: all. */
  category: string;
  /** Undefined: the order of the catalogue. */
  sort: { key: SortKey; descending: boolean } | undefined;
  /** From 1. */
  page: number;
  pageSize: number;
}

/** One page of a list. */
export interface ItemPage {
  items: readonly Item[];
  page: number;
  pageSize: number;
  /** Items on all pages. */
  total: number;
  /** At least 1. */
  pages: number;
}

/** `?category=bulbs&sort=-price&page=2&pageSize=10`, every part optional. Throws INVALID_ARGUMENT. */
export function parseListQuery(query: Query): ListQuery {
  const problems = new FieldProblems();
  const sortText = textOf(query, 'sort');
  const sort = parseSort(sortText);
  if (sortText !== '' && !sort) {
    problems.add('sort', `expected ${Object.keys(COMPARE).join(', ')}, or one of them after "-" for descending`);
  }
  const page = wholeNumberOf(query, 'page', { min: 1, max: 1_000_000, fallback: 1 }, problems);
  const pageSize = wholeNumberOf(
    query,
    'pageSize',
    { min: 1, max: MAX_PAGE_SIZE, fallback: DEFAULT_PAGE_SIZE },
    problems,
  );
  problems.throwIfAny('invalid-query');
  return { category: textOf(query, 'category'), sort, page, pageSize };
}

/** The items that a query asks for. A page past the end is empty, not an error. */
export function listItems(items: readonly Item[], { category, sort, page, pageSize }: ListQuery): ItemPage {
  const wanted = items.filter((item) => category === '' || item.category === category);
  if (sort) {
    const compare = COMPARE[sort.key];
    wanted.sort((a, b) => (sort.descending ? compare(b, a) : compare(a, b)));
  }
  const start = (page - 1) * pageSize;
  return {
    items: wanted.slice(start, start + pageSize),
    page,
    pageSize,
    total: wanted.length,
    pages: Math.max(1, Math.ceil(wanted.length / pageSize)),
  };
}

function parseSort(text: string): ListQuery['sort'] {
  const descending = text.startsWith('-');
  const key = descending ? text.slice(1) : text;
  return isSortKey(key) ? { key, descending } : undefined;
}

function isSortKey(key: string): key is SortKey {
  return Object.hasOwn(COMPARE, key);
}
