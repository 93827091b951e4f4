import { expect, it } from 'vitest';
import type { CacheDriver } from './cache-port.ts';
import { createMemoryCache } from './memory-cache.ts';

const set = (cache: CacheDriver, key: string) => cache.command({ name: 'SET', keys: [key], args: ['x'] });

/** How many keys a scan finds. */
async function scanned(cache: CacheDriver): Promise<number> {
  let found = 0;
  let cursor = '';
  do {
    const page = await cache.scan(cursor, '', 100);
    found += page.keys.length;
    ({ cursor } = page);
  } while (cursor !== '');
  return found;
}

/** Milliseconds of CPU per key, the best of three: a busy machine does not count. */
async function msPerKey(keys: number): Promise<number> {
  const cache = createMemoryCache({ maxKeys: keys });
  for (let at = 0; at < keys; at++) await set(cache, `k${at}`);
  const runs: number[] = [];
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    expect(await scanned(cache)).toBe(keys);
    runs.push(process.cpuUsage(before).user / 1_000);
  }
  return Math.min(...runs) / keys;
}

// A scan that begins anew with each page would cost a hundred times as much; a processor’s cold caches make it several times.
it('a scan of a million keys costs no more for each than one of ten thousand', async () => {
  const few = await msPerKey(10_000);
  expect(await msPerKey(1_000_000)).toBeLessThan(few * 30);
}, 60_000);
