import { setTimeout as delay } from 'node:timers/promises';
import { bottle, BottleError, Code, defineFunction } from 'bottle-sdk';

interface Levels {
  levels: number;
}

/** Calls the function that the body names. */
export const start = defineFunction.http(async (_ctx, call: { name: string; event: unknown }) =>
  bottle.rpc.invoke(call.name, call.event),
);

/** Calls itself. */
export const down = defineFunction.event(async (_ctx, { levels }: Levels): Promise<number> => {
  await delay(1);
  return levels === 0 ? 0 : 1 + (await bottle.rpc.invoke<number>('down', { levels: levels - 1 }));
});

/** Calls `pong`, which calls `ping`. */
export const ping = defineFunction.event(
  async (_ctx, { levels }: Levels): Promise<number> =>
    levels === 0 ? 0 : 1 + (await bottle.rpc.invoke<number>('pong', { levels: levels - 1 })),
);

export const pong = defineFunction.event(
  async (_ctx, { levels }: Levels): Promise<number> =>
    levels === 0 ? 0 : 1 + (await bottle.rpc.invoke<number>('ping', { levels: levels - 1 })),
);

/** Calls itself five times at once. */
export const spread = defineFunction.event(async (_ctx, { levels }: Levels): Promise<number> => {
  if (levels === 0) return 1;
  const calls = Array.from({ length: 5 }, () => bottle.rpc.invoke<number>('spread', { levels: levels - 1 }));
  return (await Promise.all(calls)).reduce((sum, leaves) => sum + leaves, 0);
});

let inside = 0;

/** How many are inside at the same time. */
export const alone = defineFunction.event(async () => {
  inside += 1;
  const seen = inside;
  await delay(5);
  inside -= 1;
  return seen;
});

export const failing = defineFunction.event(() => {
  throw new BottleError(Code.UNAVAILABLE, 'not-today', 'it never works');
});

export const harmless = defineFunction.event(() => ({ fine: true }));
