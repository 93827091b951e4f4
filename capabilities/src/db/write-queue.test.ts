import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { WriteQueue } from './write-queue.ts';

const never = { signal: new AbortController().signal, timeoutMs: 0 };

it('gives one turn after the other, in the order of asking', async () => {
  const queue = new WriteQueue();
  const order: number[] = [];
  await Promise.all(
    [1, 2, 3].map(async (each) => {
      const release = await queue.acquire(never);
      order.push(each);
      await Promise.resolve();
      expect(order.at(-1)).toBe(each);
      release();
      release();
    }),
  );
  expect(order).toEqual([1, 2, 3]);
});

it('forgets those who gave up waiting', async () => {
  const queue = new WriteQueue();
  const release = await queue.acquire(never);
  const controller = new AbortController();
  const waiting = queue.acquire({ ...never, signal: controller.signal });
  const next = queue.acquire(never);
  controller.abort(new Error('too late'));
  await expect(waiting).rejects.toThrow('too late');
  release();
  (await next)();
  await expect(queue.acquire({ ...never, signal: controller.signal })).rejects.toThrow('too late');
  (await queue.acquire(never))();
});

it('refuses at once whoever could not have its turn in time, and lets the others wait', async () => {
  const queue = new WriteQueue();
  const first = await queue.acquire(never);
  await delay(50);
  first(); // a turn takes 50 ms
  const release = await queue.acquire(never);
  const inTime = queue.acquire({ ...never, timeoutMs: 200 });
  const askedAt = performance.now();
  await expect(queue.acquire({ ...never, timeoutMs: 100 })).rejects.toMatchObject({
    reason: 'overloaded',
    details: { started: false },
  });
  expect(performance.now() - askedAt).toBeLessThan(20);
  release();
  (await inTime)();
});
