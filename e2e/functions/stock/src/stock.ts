import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, defineFunction } from 'bottle-sdk';

/** What became of the calls of `hang`, by their keys. */
const outcomes = new Map<string, string>();

/** What an invocation knows of its caller. */
export const facts = defineFunction.event((ctx) => ({
  pid: process.pid,
  caller: ctx.caller,
  traceparent: ctx.traceparent,
  baggage: ctx.baggage,
  remainingMs: ctx.deadline - Date.now(),
  at: new Date(0),
}));

export const echo = defineFunction.event((_ctx, event: unknown) => event);

export const fail = defineFunction.event((_ctx, { message }: { message: string }) => {
  throw new BottleError(Code.FAILED_PRECONDITION, 'sold-out', message, { details: { left: 0 } });
});

export const big = defineFunction.event((_ctx, { bytes }: { bytes: number }) => Buffer.alloc(bytes, 'x'));

/** Never answers; notes why it was given up. */
export const hang = defineFunction.event(async (ctx, { key }: { key: string }) => {
  outcomes.set(key, 'running');
  await new Promise<void>((_resolve, reject) => {
    ctx.signal.addEventListener('abort', () => {
      outcomes.set(key, 'aborted');
      reject(ctx.signal.reason as Error);
    });
  });
});

export const seen = defineFunction.event((_ctx, { key }: { key: string }) => outcomes.get(key) ?? 'unknown');

export const wait = defineFunction.event(async (_ctx, { ms }: { ms: number }) => {
  await delay(ms);
  return process.pid;
});
