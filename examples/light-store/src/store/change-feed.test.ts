import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Change } from './catalogue.ts';
import { ChangeFeed } from './change-feed.ts';

const stockOf = (id: string, stock: number): Change => ({ event: 'stock', data: { id, stock } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openFeed() {
  const onTick = vi.fn<() => void>();
  const feed = new ChangeFeed({ tickMs: 1_000, onTick });
  const controller = new AbortController();
  const changes = feed.listen(controller.signal);
  return { feed, onTick, controller, changes };
}

test('passes on what is published while somebody waits', async () => {
  const { feed, changes } = openFeed();
  const next = changes.next();
  feed.publish(stockOf('lamp', 1));
  expect(await next).toEqual({ done: false, value: stockOf('lamp', 1) });
  await changes.return(undefined);
});

test('a slow reader gets the latest of each item and kind, in order', async () => {
  const { feed, changes } = openFeed();
  const first = changes.next();
  feed.publish(stockOf('lamp', 9));
  await first;
  for (let stock = 8; stock > 0; stock--) feed.publish(stockOf('lamp', stock));
  feed.publish(stockOf('bulb', 5));
  expect((await changes.next()).value).toEqual(stockOf('lamp', 1));
  expect((await changes.next()).value).toEqual(stockOf('bulb', 5));
  await changes.return(undefined);
});

test('an abort ends a reader that waits, and one that has not begun', async () => {
  const { feed, controller, changes } = openFeed();
  const next = changes.next();
  controller.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  expect(await feed.listen(controller.signal).next()).toEqual({ done: true, value: undefined });
  expect(feed.listenerCount).toBe(0);
});

test('ticks exactly while somebody listens, and leaves no timer behind', async () => {
  const { feed, onTick, controller, changes } = openFeed();
  expect(vi.getTimerCount()).toBe(0);
  const next = changes.next();
  const other = new AbortController();
  const otherNext = feed.listen(other.signal).next();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(3_000);
  expect(onTick).toHaveBeenCalledTimes(3);

  controller.abort();
  await next;
  expect(vi.getTimerCount()).toBe(1);
  other.abort();
  await otherNext;
  expect(vi.getTimerCount()).toBe(0);
});
