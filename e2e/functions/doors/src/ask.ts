import { bottle, BottleError, defineFunction, type FaaSHttpContext } from 'bottle-sdk';
import { begins } from './begun.ts';

function callOf({ query }: FaaSHttpContext): Promise<object> {
  return bottle.rpc.invoke<object>(typeof query['of'] === 'string' ? query['of'] : 'cpu');
}

/** Has another function do it. */
export const ask = defineFunction.http((ctx) => {
  begins(ctx.requestId);
  return callOf(ctx);
});

/** What the call fails with. */
export const complain = defineFunction.http(async (ctx) => {
  try {
    return await callOf(ctx);
  } catch (error) {
    const { code, reason, details } = BottleError.from(error);
    return { code, reason, details };
  }
});
