import { expect, it } from 'vitest';
import { SharedClock } from './shared-clock.ts';

function clockAt(elapsed: { ms: number }): SharedClock {
  return new SharedClock(() => elapsed.ms);
}

it('tells the store’s time, and goes on by the monotonic clock', () => {
  const elapsed = { ms: 110 };
  const clock = clockAt(elapsed);
  expect(clock.isSet).toBe(false);
  clock.learn(5_000, 100);
  expect(clock.isSet).toBe(true);
  elapsed.ms = 1_110;
  expect(clock.now()).toBe(6_000);
});

it('does not move for an answer that agrees with it, however slow that was', () => {
  const elapsed = { ms: 0 };
  const clock = clockAt(elapsed);
  clock.learn(5_000, 0);
  elapsed.ms = 1_000;
  clock.learn(5_600, 500); // said after half the time: any moment of it may be meant
  expect(clock.now()).toBe(6_000);
});

it('follows the store when it has moved, forward and back, no further than it must', () => {
  const elapsed = { ms: 0 };
  const clock = clockAt(elapsed);
  clock.learn(5_000, 0);
  elapsed.ms = 10;
  clock.learn(9_000, 0);
  expect(clock.now()).toBe(9_000);
  elapsed.ms = 20;
  clock.learn(1_000, 10);
  expect(clock.now()).toBe(1_010);
});
