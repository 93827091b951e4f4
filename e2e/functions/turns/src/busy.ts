import { defineFunction } from 'bottle-sdk';

function countForALongTime(): number {
  const until = performance.now() + 1_000;
  let count = 0;
  while (performance.now() < until) count += 1;
  return count;
}

/** Holds the event loop. */
export const busy = defineFunction.http(() => ({ counted: countForALongTime() > 0 }));
