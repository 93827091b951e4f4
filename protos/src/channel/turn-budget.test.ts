import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TurnBudget } from './turn-budget.ts';

it('does a little at once, and the rest in its order, so much in each turn', async () => {
  const budget = new TurnBudget(4);
  const done: number[] = [];
  for (let at = 0; at < 10; at++) budget.run(() => done.push(at));
  expect(done).toEqual([0, 1, 2, 3]);
  await turn();
  expect(done.length).toBeLessThanOrEqual(8);
  budget.run(() => done.push(10));
  for (let turns = 0; turns < 4; turns++) await turn();
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  budget.run(() => done.push(11));
  expect(done.at(-1)).toBe(11);
});

it('what is done may bring more', async () => {
  const budget = new TurnBudget(2);
  let done = 0;
  const work = (): void => {
    done += 1;
    if (done < 9) budget.run(work);
  };
  budget.run(work);
  for (let turns = 0; turns < 10; turns++) await turn();
  expect(done).toBe(9);
});
