// What `npm run scale` asks of a pod. Sizes come as `?n=`.
import { setTimeout as delay } from 'node:timers/promises';
import { bottle, defineFunction, type FaaSHttpContext } from 'bottle-sdk';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

const sizeOf = (ctx: FaaSHttpContext): number => Number(ctx.query['n'] ?? 0);

export const echo = defineFunction.http((_ctx, body: unknown) => body);

export const ping = defineFunction.http(() => 'pong');

/** Says one thing, then stays open until its reader leaves. */
export const feed = defineFunction.http(async function* (ctx) {
  ctx.type = 'text/event-stream';
  yield { data: 'first' };
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
});

/** Answers when nobody waits any more, or after a while. */
export const wait = defineFunction.http(async (ctx) => {
  await delay(2_000, undefined, { signal: ctx.signal }).catch(() => {});
  return 'late';
});

/** So many lines of the log in one turn. */
export const print = defineFunction.http((ctx) => {
  const lines = sizeOf(ctx);
  for (let at = 0; at < lines; at++) ctx.logger.info({ at }, 'one of many lines');
  return { lines };
});

/** So many pieces of 64 KiB. */
export const large = defineFunction.http(async function* (ctx) {
  ctx.type = 'application/octet-stream';
  for (let at = sizeOf(ctx); at > 0; at--) yield CHUNK;
});

interface Levels {
  levels: number;
}

export const descend = defineFunction.http(async (ctx) => ({
  depth: await bottle.rpc.invoke<number>('down', { levels: sizeOf(ctx) - 1 }),
}));

/** Calls itself. */
export const down = defineFunction.event(
  async (_ctx, { levels }: Levels): Promise<number> =>
    levels === 0 ? 1 : 1 + (await bottle.rpc.invoke<number>('down', { levels: levels - 1 })),
);

/** So many calls at once. */
export const spread = defineFunction.http(async (ctx) => {
  const calls = Array.from({ length: sizeOf(ctx) }, (_, at) => bottle.rpc.invoke<number>('leaf', { at }));
  return { answers: (await Promise.all(calls)).length };
});

export const leaf = defineFunction.event((_ctx, { at }: { at: number }) => at);
