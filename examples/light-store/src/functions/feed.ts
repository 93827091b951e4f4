import { defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import type { Change } from '../store/catalogue.ts';
import { FieldProblems } from '../store/field-problems.ts';
import { wholeNumberOf } from '../store/query.ts';

/** How soon a browser connects again when the feed breaks off. */
const RETRY_MS = 2_000;

/** The first event: the client knows at once that it is connected. */
interface Hello {
  event: 'hello';
  retry: number;
  data: { items: number };
}

/** GET /feed: prices and stock as they change, as server-sent events. `?limit=5` ends it after five changes. */
export const feed = defineFunction.http((ctx) => {
  const problems = new FieldProblems();
  const limit = wholeNumberOf(ctx.query, 'limit', { min: 1, max: 1_000, fallback: Number.POSITIVE_INFINITY }, problems);
  problems.throwIfAny('invalid-query');
  ctx.type = 'text/event-stream';
  ctx.set('cache-control', 'no-store');
  return events(ctx, limit);
});

async function* events({ store, logger }: FaaSHttpContext, limit: number): AsyncGenerator<Hello | Change> {
  const changes = await store.feed.watch(logger);
  const { length: items } = await store.catalogue.all();
  yield { event: 'hello', retry: RETRY_MS, data: { items } };
  let sent = 0;
  for await (const change of changes) {
    yield change;
    sent += 1;
    if (sent >= limit) return;
  }
}
