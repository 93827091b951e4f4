import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';
import { counts, neverBegan, noted } from './begun.ts';

function busy(ms: number): void {
  const until = process.hrtime.bigint() + BigInt(Math.round(ms * 1e6));
  while (process.hrtime.bigint() < until);
}

/** `before` ms of CPU, `wait` ms of waiting, `after` ms of CPU. */
export const work = defineFunction.http((ctx) => {
  const { before = '0', wait = '0', after = '0' } = ctx.query as Record<string, string>;
  return noted(ctx, async () => {
    busy(Number(before));
    if (wait !== '0') await delay(Number(wait));
    busy(Number(after));
    return { ok: true };
  });
});
export const counted = defineFunction.http(() => counts());
export const begun = defineFunction.http((_ctx, event) => neverBegan(event as string[]));
