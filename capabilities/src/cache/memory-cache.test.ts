import { expect, it } from 'vitest';
import { createMemoryCache } from './memory-cache.ts';
import type { CacheDriver } from './cache-port.ts';

const set = (cache: CacheDriver, key: string) => cache.command({ name: 'SET', keys: [key], args: ['x'] });
const del = (cache: CacheDriver, key: string) => cache.command({ name: 'DEL', keys: [key], args: [] });

async function scanned(cache: CacheDriver, onPage?: (page: number) => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  let cursor = '';
  let page = 0;
  do {
    const answer = await cache.scan(cursor, '', 100);
    found.push(...answer.keys);
    ({ cursor } = answer);
    await onPage?.(page++);
  } while (cursor !== '');
  return found;
}

it('a scan gives once each key that is there all the time, whatever else is written and deleted meanwhile', async () => {
  const cache = createMemoryCache();
  const stay = Array.from({ length: 1_000 }, (_, at) => `stay-${at}`);
  for (const [at, key] of stay.entries()) {
    await set(cache, key);
    await set(cache, `go-${at}`);
  }
  const found = await scanned(cache, async (page) => {
    for (let at = page * 60; at < (page + 1) * 60; at++) {
      await del(cache, `go-${at}`);
      await set(cache, `new-${at}`);
      await set(cache, `stay-${at % 1_000}`);
    }
  });
  const kept = found.filter((key) => key.startsWith('stay-'));
  expect(kept.toSorted()).toEqual(stay.toSorted());
});

it('a scan ends although somebody adds keys faster than it reads them', async () => {
  const cache = createMemoryCache();
  for (let at = 0; at < 500; at++) await set(cache, `k${at}`);
  const found = await scanned(cache, async (page) => {
    for (let at = 0; at < 200; at++) await set(cache, `more-${page}-${at}`);
  });
  expect(found.length).toBe(500);
});

it('keys that come and go leave nothing behind that a scan would have to step over', async () => {
  const cache = createMemoryCache();
  for (let at = 0; at < 200_000; at++) {
    await set(cache, `k${at}`);
    await del(cache, `k${at}`);
  }
  await set(cache, 'last');
  let pages = 0;
  expect(await scanned(cache, async () => void (pages += 1))).toEqual(['last']);
  expect(pages).toBe(1);
});

it('expired keys are not scanned', async () => {
  let now = 0;
  const cache = createMemoryCache({ now: () => now });
  await cache.command({ name: 'SET', keys: ['short'], args: ['x', 'PX', '10'] });
  await set(cache, 'long');
  now = 20;
  expect(await scanned(cache)).toEqual(['long']);
});

it('pages of a large sorted set are read without sorting it for each', async () => {
  const cache = createMemoryCache();
  const pairs = Array.from({ length: 100_000 }, (_, at) => [String((at * 7_919) % 100_000), `m${at}`]).flat();
  await cache.command({ name: 'ZADD', keys: ['z'], args: pairs });
  const range = (from: number) =>
    cache.command({ name: 'ZRANGE', keys: ['z'], args: [String(from), String(from + 99)] }) as Promise<Buffer[]>;
  const startedAt = performance.now();
  await range(0);
  const firstMs = performance.now() - startedAt;
  for (let from = 0; from < 100_000; from += 100) await range(from);
  const allMs = performance.now() - startedAt;
  expect(allMs).toBeLessThan(firstMs * 30);
  await cache.command({ name: 'ZADD', keys: ['z'], args: ['-1', 'first'] });
  expect((await range(0))[0]?.toString()).toBe('first');
  await cache.command({ name: 'ZREM', keys: ['z'], args: ['first'] });
  expect((await range(0))[0]?.toString()).toBe('m0');
  await cache.command({ name: 'ZINCRBY', keys: ['z'], args: ['-500000', 'm5'] });
  expect((await range(0))[0]?.toString()).toBe('m5');
  const reversed = (start: number, stop: number) =>
    cache.command({ name: 'ZREVRANGE', keys: ['z'], args: [String(start), String(stop)] }) as Promise<Buffer[]>;
  expect((await reversed(0, 1)).filter((_, at) => at % 2 === 0).map(String)).toEqual(['m82321', 'm64642']);
  expect((await reversed(-1, -1)).map(String)).toEqual(['m5', '-460405']);
  expect(await reversed(200_000, 200_001)).toEqual([]);
  expect(await reversed(0, -1)).toHaveLength(200_000);
});
