import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';

let running = 0;
let most = 0;
let runs = 0;
let begunAt = Date.now();
let longestPauseMs = 0;

/** Longer than the pause between two ticks. */
export const pulse = defineFunction.timer(async () => {
  const now = Date.now();
  longestPauseMs = Math.max(longestPauseMs, now - begunAt);
  begunAt = now;
  most = Math.max(most, (running += 1));
  await delay(400);
  running -= 1;
  runs += 1;
});

/** Since it was asked for last: runs that have ended, how many ran at once, and the longest time without a begin. */
export const pulses = defineFunction.http(() => {
  const answer = { runs, most, longestPauseMs: Math.max(longestPauseMs, Date.now() - begunAt) };
  [runs, most, longestPauseMs] = [0, running, 0];
  return answer;
});
