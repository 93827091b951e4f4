import { defineFunction } from 'bottle-sdk';

/** Publishes the orders that no checkout could. No route: `bottle invoke sweepOutbox`. */
export const sweepOutbox = defineFunction.event(async ({ store, logger }) => {
  const published = await store.outbox.sweep();
  if (published > 0) logger.info({ published }, 'outbox swept');
  return { published };
});
