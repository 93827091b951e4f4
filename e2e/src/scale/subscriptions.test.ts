import { fork } from 'node:child_process';
import { connectBottle } from '@bottle/function-runtime/connect-bottle';
import { afterEach, expect, inject, it, onTestFinished } from 'vitest';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';
import type { SubscriberOrder, SubscriberReport } from './clients/subscriber-process.ts';
import { inBatches } from './pod-axis.ts';

/** Ten times as many as once took every place of the calls. */
const MANY = 10_240;

let target: SidecarTarget | undefined;
afterEach(async () => {
  await target?.close();
  target = undefined;
});

/** In a process of their own: what it takes to end them is not the sidecar's work. */
function startSubscribers(order: SubscriberOrder) {
  const child = fork(new URL('./clients/subscriber-process.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=source'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const reports = new Set<SubscriberReport>();
  child.on('message', (report: SubscriberReport) => reports.add(report));
  child.send(order);
  return {
    until: (report: SubscriberReport) => expect.poll(() => reports.has(report), { timeout: 60_000 }).toBe(true),
    kill: () => void child.kill('SIGKILL'),
  };
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
    const subscribers = startSubscribers({
      socketDir: opened.pod.socketDir,
      cache: 'news',
      topic: 'topic',
      count: MANY,
    });
    await subscribers.until('subscribed');
    expect(await cache.get('key')).toBe('value');
    expect(await medianMs(() => cache.get('key'))).toBeLessThan(aloneMs * 20 + 20);
    await cache.publish('topic', 'hello');
    await subscribers.until('heard');
    subscribers.kill();
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
  await inBatches(1_000, 512, (at) => reader.bottle.config('app').getOr(`key-${at}`, 'none'));
  const resources = async (): Promise<string> => (await opened.pod.admin('/metrics')).text();
  await expect.poll(resources, { timeout: 20_000 }).toContain('bottle_resource_streams{resource="config.app"} 1000');
  expect(await resources()).toContain('bottle_resource_in_flight{resource="config.app"} 0');
  reader.close();
  await expect.poll(resources, { timeout: 20_000 }).toContain('bottle_resource_streams{resource="config.app"} 0');
  expect(await opened.bottle.config('app').getOr('key-1', 'none')).toBe('none');
});
