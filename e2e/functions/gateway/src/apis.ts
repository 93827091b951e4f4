import { BottleError, bottle, Code, defineFunction } from 'bottle-sdk';

let runs = 0;

/** Tells what it was given. */
export const echo = defineFunction.gateway((ctx, event) => ({
  event,
  gateway: ctx.gateway,
  trigger: ctx.trigger,
  requestId: ctx.requestId,
}));

export const profile = defineFunction.gateway((ctx) => ({ hello: ctx.gateway.session?.['name'] }));

const RESULTS: Record<string, () => unknown> = {
  nothing: () => undefined,
  text: () => 'grüße',
  list: () => [1, { a: null }],
  bytes: () => Buffer.from('no'),
  typed: () => {
    throw new BottleError(Code.FAILED_PRECONDITION, 'out-of-stock', 'none left', {
      httpStatus: 409,
      details: { left: 0 },
    });
  },
  busy: () => {
    throw new BottleError(Code.UNAVAILABLE, 'busy', 'later', { details: { retryAfterSec: 7 } });
  },
  crash: () => {
    throw new Error('secret words');
  },
};

export const results = defineFunction.gateway<{ kind: string }>((_ctx, { kind }) => RESULTS[kind]?.());

export const count = defineFunction.gateway(() => {
  runs += 1;
  return { runs };
});

export const signIn = defineFunction.gateway<{ token: string; session: unknown }>(async (_ctx, { token, session }) => {
  await bottle.cache('sessions').set(`session:${token}`, session, { ttl: 60 });
});
