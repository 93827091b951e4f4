import { connectBottle } from '@bottle/function-runtime/connect-bottle';
import { afterEach, expect, inject, it } from 'vitest';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';

/** Ten times as many as once took every place of the calls. */
const MANY = 10_240;
/** Most that are opened at the same time. */
const AT_ONCE = 512;

let target: SidecarTarget | undefined;
afterEach(async () => {
  await target?.close();
  target = undefined;
});

async function inBatches(total: number, work: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < total; at += AT_ONCE) {
    const size = Math.min(AT_ONCE, total - at);
    await Promise.all(Array.from({ length: size }, (_, index) => work(at + index)));
  }
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 50; at++) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((one, other) => one - other)[25] ?? 0;
}

const REDIS_URL = inject('redisUrl');
const drivers = [
  { driver: 'memory', resources: {} },
  ...(REDIS_URL === undefined
    ? []
    : [{ driver: 'redis', resources: { cache: { news: { driver: 'redis', url: REDIS_URL, keyPrefix: 'scale:' } } } }]),
];

it.each(drivers)(
  '10,240 subscriptions of $driver take no place from calls, hear all, and end together',
  async (given) => {
    const opened = await openSidecar(given.resources);
    target = opened;
    const cache = opened.bottle.cache<string>('news');
    await cache.set('key', 'value');
    const aloneMs = await medianMs(() => cache.get('key'));
    // A process of its own as far as the sidecar can tell: they all leave at once when its connection closes.
    const reader = await connectBottle(opened.pod.socketDir, 120_000);
    let heard = 0;
    await inBatches(MANY, async () => {
      const messages = await reader.bottle.cache<string>('news').subscribe('topic');
      void messages.next().then(() => (heard += 1));
    });
    expect(await cache.get('key')).toBe('value');
    expect(await medianMs(() => cache.get('key'))).toBeLessThan(aloneMs * 20 + 20);
    await cache.publish('topic', 'hello');
    await expect.poll(() => heard, { timeout: 20_000 }).toBe(MANY);
    reader.close();
    const left = performance.now();
    expect(await cache.get('key')).toBe('value');
    expect(performance.now() - left).toBeLessThan(5_000);
    const streams = async (): Promise<string> => {
      const text = await (await opened.pod.admin('/metrics')).text();
      return /^bottle_resource_streams\{resource="cache.news"\} (\d+)$/m.exec(text)?.[1] ?? 'none';
    };
    await expect.poll(streams, { timeout: 20_000 }).toBe('0');
  },
);

it('the reads of 1,000 configuration keys, each watched, leave all places to calls; and they end together', async () => {
  const opened = await openSidecar();
  target = opened;
  const reader = await connectBottle(opened.pod.socketDir, 120_000);
  await inBatches(1_000, (at) => reader.bottle.config('app').getOr(`key-${at}`, 'none'));
  const resources = async (): Promise<string> => (await opened.pod.admin('/metrics')).text();
  await expect.poll(resources, { timeout: 20_000 }).toContain('bottle_resource_streams{resource="config.app"} 1000');
  expect(await resources()).toContain('bottle_resource_in_flight{resource="config.app"} 0');
  reader.close();
  await expect.poll(resources, { timeout: 20_000 }).toContain('bottle_resource_streams{resource="config.app"} 0');
  expect(await opened.bottle.config('app').getOr('key-1', 'none')).toBe('none');
});
