import { expect, it } from 'vitest';
import { WriteQueue } from './write-queue.ts';

const never = new AbortController().signal;

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
  const waiting = queue.acquire(controller.signal);
  const next = queue.acquire(never);
  controller.abort(new Error('too late'));
  await expect(waiting).rejects.toThrow('too late');
  release();
  (await next)();
  await expect(queue.acquire(controller.signal)).rejects.toThrow('too late');
  (await queue.acquire(never))();
});
