import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';
import { allItems } from './catalogue.ts';
import { wholeNumber } from './query.ts';

/** GET /feed?everyMs= : server-sent events with the stock of one item after the other, until the reader leaves. */
export const feed = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/event-stream';
  ctx.set('cache-control', 'no-store');
  const everyMs = wholeNumber(ctx.query['everyMs'], 'everyMs', { min: 10, max: 60_000, otherwise: 1_000 });
  const items = allItems();
  for (let tick = 0; !ctx.signal.aborted; tick++) {
    const { id, name, stock } = items[tick % items.length] ?? {};
    yield { event: 'stock', id: String(tick), data: { id, name, stock } };
    await delay(everyMs, undefined, { signal: ctx.signal }).catch(() => {}); // aborted: the loop's condition ends it
  }
});
