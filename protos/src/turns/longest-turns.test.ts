import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { LongestTurns } from './longest-turns.ts';

let turns: LongestTurns;
afterEach(() => turns.close());

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
const secondsOf = (cause: string): number => turns.all.find((each) => each.cause === cause)?.seconds ?? 0;

it('names the cause of a long turn where it is known, and keeps the longest', async () => {
  turns = new LongestTurns();
  await delay(50);
  for (const ms of [60, 120, 30]) {
    const startedAt = performance.now();
    block(ms);
    turns.took('function', performance.now() - startedAt, 'slow');
    await delay(30);
  }
  expect(secondsOf('function:slow')).toBeGreaterThanOrEqual(0.12);
  expect(secondsOf('function:slow')).toBeLessThan(1);
});

it('sees a long turn of which nobody says anything', async () => {
  turns = new LongestTurns();
  await delay(50);
  block(150);
  await delay(50);
  expect(secondsOf('other')).toBeGreaterThan(0.1);
});
