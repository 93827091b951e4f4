// Code that goes on after its invocation was given up: it never looks at its signal.
import { setTimeout as delay } from 'node:timers/promises';
import { defineFunction } from 'bottle-sdk';
import { noted } from './begun.ts';

export const stubborn = defineFunction.http((ctx) =>
  noted(ctx, async () => {
    await delay(Number(ctx.query['ms'] ?? 1_500));
    return { ok: true };
  }),
);
export const streaming = defineFunction.http(async function* (ctx) {
  yield 'begun\n';
  await delay(Number(ctx.query['ms'] ?? 1_500));
  yield 'done\n';
});
export const endless = defineFunction.http((ctx) => noted(ctx, () => new Promise(() => {})));
export const tick = defineFunction.timer((ctx) => noted(ctx, () => delay(1_000)));
