import { defineFunction } from 'bottle-sdk';

/** GET /health: the shop as its own functions see it; whether the pod is ready is /readyz on the admin port. */
export const health = defineFunction.http(async (ctx) => {
  const { catalogue, feed } = ctx.store;
  ctx.set('cache-control', 'no-store');
  return {
    status: 'ok',
    items: (await catalogue.all()).length,
    watching: feed.watching,
    uptimeSec: Math.round(process.uptime()),
  };
});
