import { defineFunction } from 'bottle-sdk';
import { CURRENCY } from '../store/catalogue.ts';
import { FieldProblems } from '../store/field-problems.ts';
import { textOf, wholeNumberOf } from '../store/query.ts';
import { searchItems } from '../store/search-items.ts';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 50;
const MAX_TEXT = 200;

/** GET /search?q=brass+lamp: the items that have all the words, best first. */
export const search = defineFunction.http(async (ctx) => {
  const problems = new FieldProblems();
  const text = textOf(ctx.query, 'q');
  if (text === '' || text.length > MAX_TEXT) problems.add('q', `expected 1 to ${MAX_TEXT} characters`);
  const limit = wholeNumberOf(ctx.query, 'limit', { min: 1, max: MAX_LIMIT, fallback: DEFAULT_LIMIT }, problems);
  problems.throwIfAny('invalid-query');
  const hits = searchItems(await ctx.store.catalogue.all(), text);
  return { q: text, total: hits.length, currency: CURRENCY, hits: hits.slice(0, limit) };
});
