import { defineFunction, DropError } from 'bottle-sdk';
import type { Order } from '../store/orders.ts';

/**
 * Each order that was placed goes to the warehouse. A message comes at least once, so one that comes again changes
 * nothing. When this throws, the message comes again later; in the end it is a dead letter (`bottle dlq list`).
 */
export const pickOrder = defineFunction.mq<Order | null>(async (ctx, { value: order, attempt }) => {
  if (!order) throw new DropError('no order'); // a tombstone
  const isNew = await ctx.store.picking.add(order);
  ctx.logger.info({ orderId: order.id, isNew, attempt }, 'order goes to the warehouse');
});
