import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FairTurns } from './fair-turns.ts';

it('lets others have a turn between every few, and keeps the order', async () => {
  const turns = new FairTurns(8);
  const begun: number[] = [];
  const all = turns.all(
    Array.from({ length: 1_000 }, (_, at) => at),
    async (at) => begun.push(at),
  );
  let others = 0;
  let isDone = false;
  void all.then(() => (isDone = true));
  while (!isDone) {
    await nextTurn();
    others += 1;
  }
  expect(others).toBeGreaterThan(100);
  expect(begun).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
});

it('takes those that ask later after those before, and goes on after it was idle', async () => {
  const turns = new FairTurns(8);
  const order: string[] = [];
  const first = turns.all(['a', 'b'], async (name) => order.push(name));
  const second = turns.wait().then(() => order.push('c'));
  await Promise.all([first, second]);
  await turns.wait();
  expect(order).toEqual(['a', 'b', 'c']);
});
