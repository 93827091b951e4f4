import { bottle, defineFunction } from 'bottle-sdk';
import type * as stock from '../../stock/src/stock.ts';

/** What the other service's function knows of this invocation. */
export const relay = defineFunction.http(async (ctx) => ({
  own: { traceparent: ctx.traceparent, baggage: ctx.baggage },
  theirs: await bottle.rpc.functions<typeof stock>('stock').facts(),
}));

export const inner = defineFunction.event((ctx, { name }: { name: string }) => `hello ${name} from ${ctx.caller}`);

export const large = defineFunction.event((_ctx, { chars }: { chars: number }) => 'x'.repeat(chars));

/** Functions of this pod, through the same client. */
export const both = defineFunction.http(async () => {
  const own = bottle.rpc.functions<{ inner: typeof inner; large: typeof large }>();
  return { inner: await own.inner({ name: 'you' }), large: (await own.large({ chars: 1_000_000 })).length };
});
