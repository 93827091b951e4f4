import { defineFunction } from 'bottle-sdk';

/** Publishes so many orders, one after the other. */
export const publish = defineFunction.http(async (ctx) => {
  const count = Number(ctx.query['count']);
  const orders = Array.from({ length: count }, (_, id) => ({ value: { id } }));
  await ctx.bottle.mq('queue').publishMany('orders', orders);
  return { count };
});

export const note = defineFunction.mq<{ id: number }>(async (ctx, { value }) => {
  await ctx.bottle.cache('main').set(`order-${value.id}`, true);
});
