import type { FaaSContext } from 'bottle-sdk';
import type { Order } from '../store/orders.ts';

/**
 * Tells the queue of an order, and the pods of what it took from the stock. The order stands whatever comes of that:
 * a message stays in the outbox for the next sweep, a cached item expires.
 */
export async function tellOthers({ store, logger }: FaaSContext, order: Order): Promise<void> {
  const { catalogue, outbox } = store;
  const told = await Promise.allSettled([
    catalogue.announceStock(order.items.map(({ id }) => id)),
    outbox.publish(order).then(() => outbox.sweep()), // the queue answers: time for what it missed
  ]);
  for (const each of told) {
    if (each.status === 'rejected') logger.warn({ err: each.reason as Error, orderId: order.id }, 'told nobody yet');
  }
}
