// What every lock driver keeps for the platform itself: the same in memory and in a real Redis.
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryLock, type LockDriver, type SharedState } from '@bottle/capabilities';
import type { ServerAddresses } from '@bottle/test-servers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { resourcesSchema } from '../../resources-config.ts';
import { createRedisLock } from './redis-lock.ts';

const redisUrl: ServerAddresses['redisUrl'] = inject('redisUrl');

async function openRedis(): Promise<LockDriver> {
  const keyPrefix = `shared-${process.pid}-${Date.now()}:`;
  const { lock } = resourcesSchema.parse({ lock: { timers: { driver: 'redis', url: redisUrl, keyPrefix } } });
  const log = pino({ level: 'silent' });
  const driver = await createRedisLock(lock['timers'] as never, { id: 'lock.timers', name: 'timers', log } as never);
  while (driver.problem !== undefined) await delay(5);
  return driver;
}

const drivers: Record<string, () => Promise<LockDriver>> = { memory: async () => createMemoryLock() };
if (redisUrl !== undefined) drivers['redis'] = openRedis;

describe.each(Object.entries(drivers))('shared state of the %s driver', (_name, open) => {
  let driver: LockDriver;
  let state: SharedState;
  beforeAll(async () => {
    driver = await open();
    state = driver.shared;
  });
  afterAll(() => driver?.close());

  it('has no record before one is written, and keeps any text', async () => {
    expect(await state.read('none')).toBeUndefined();
    for (const [at, text] of ['', '{"a":1}', '漢😀\u0000', 'x'.repeat(100_000)].entries()) {
      expect(await state.write(`text {${at}}`, text, 0)).toEqual({
        written: true,
        record: { revision: 1, value: text },
      });
      expect(await state.read(`text {${at}}`)).toEqual({ revision: 1, value: text });
    }
  });

  it('writes only on top of the revision that is expected, and tells what is there', async () => {
    await state.write('turns', 'a', 0);
    expect(await state.write('turns', 'b', 0)).toEqual({ written: false, record: { revision: 1, value: 'a' } });
    expect(await state.write('turns', 'b', 1)).toEqual({ written: true, record: { revision: 2, value: 'b' } });
    expect(await state.write('turns', 'c', 1)).toEqual({ written: false, record: { revision: 2, value: 'b' } });
    expect(await state.write('turns', 'c', 7)).toMatchObject({ written: false });
    expect(await state.write('new', 'c', 3)).toMatchObject({ written: false });
  });

  it('answers a write that is sent again as it did the first time, until somebody else has written', async () => {
    await state.write('again', 'a', 0);
    expect(await state.write('again', 'a', 0)).toEqual({ written: true, record: { revision: 1, value: 'a' } });
    await state.write('again', 'b', 1);
    expect(await state.write('again', 'a', 0)).toEqual({ written: false, record: { revision: 2, value: 'b' } });
  });

  it('lets one of many win each revision', async () => {
    const wins: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, who) => {
        for (let mine = 0; mine < 4; ) {
          const record = await state.read('race');
          const revision = record?.revision ?? 0;
          const { written } = await state.write('race', `${who} ${mine}`, revision);
          if (!written) continue;
          wins.push(revision + 1);
          mine += 1;
        }
      }),
    );
    expect(wins.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
  });

  it('knows the members of a group until they leave or their lease ends, in order', async () => {
    await state.enter('pods', 'b', 60_000);
    const present = async (): Promise<string[]> => (await state.enter('pods', 'a', 60_000)).members;
    expect((await state.enter('pods', 'c', 2_000)).members).toEqual(['b', 'c']);
    await delay(1_200);
    await state.enter('pods', 'c', 2_000);
    await delay(1_200);
    expect(await present()).toEqual(['a', 'b', 'c']);
    await vi.waitUntil(async () => (await present()).length === 2, { timeout: 5_000, interval: 100 });
    expect(await present()).toEqual(['a', 'b']);
    await state.leave('pods', 'b');
    await state.leave('pods', 'nobody');
    expect((await state.enter('pods', 'a', 60_000)).members).toEqual(['a']);
    expect((await state.enter('others', 'z', 60_000)).members).toEqual(['z']);
  });

  it('tells the time', async () => {
    const before = Date.now();
    const { nowMs } = await state.enter('time', 'a', 1_000);
    expect(nowMs).toBeGreaterThan(before - 50);
    expect(nowMs).toBeLessThan(Date.now() + 50);
  });

  it('keeps the newest items of a list', async () => {
    expect(await state.items('runs')).toEqual([]);
    for (const item of ['a', 'b', 'c', 'd']) await state.append('runs', item, 3);
    expect(await state.items('runs')).toEqual(['d', 'c', 'b']);
  });

  it('never meets the locks', async () => {
    const { signal } = new AbortController();
    const wish = { owner: 'a', leaseMs: 1_000, waitMs: 0, signal };
    await state.write('same', 'text', 0);
    for (const name of ['same', 'shared:record:same']) expect(await driver.acquire({ ...wish, name })).toBeDefined();
    expect(await state.read('same')).toEqual({ revision: 1, value: 'text' });
  });
});
