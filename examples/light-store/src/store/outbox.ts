// A message about an order is written in the order's own transaction and removed when the queue has it: what a crash
// or an outage leaves in between is swept later. So it arrives at least once, now and then twice: consumers know an
// order by its id, which is the message's key.
import { type Bottle, type Database, type MqClient, sql, type Transaction } from 'bottle-sdk';
import type { Order } from './orders.ts';

const TOPIC = 'orders';
const PUBLISH_TIMEOUT_MS = 2_000;
/** Younger ones are somebody else's: the checkout that wrote them is about to publish them. */
const SWEEP_AFTER_MS = 10_000;
const SWEEP_AT_ONCE = 100;

/** Writes the message about an order, as a part of its transaction. */
export async function addToOutbox(tx: Transaction, order: Order): Promise<void> {
  await tx.sql`
    insert into outbox (order_id, placed_at, message) values (${order.id}, ${new Date(order.placedAt)}, ${order})`;
}

/** Publishes what was written. */
export class Outbox {
  readonly #db: Database;
  readonly #queue: MqClient;

  constructor(bottle: Bottle) {
    this.#db = bottle.db('shop');
    this.#queue = bottle.mq('orders');
  }

  /** Publishes an order that is committed. */
  async publish(order: Order): Promise<void> {
    await this.#queue.publish(TOPIC, order, { key: order.id, timeoutMs: PUBLISH_TIMEOUT_MS });
    await this.#remove([order]);
  }

  /** Publishes what was left behind; returns how many orders that were. */
  async sweep(olderThanMs: number = SWEEP_AFTER_MS): Promise<number> {
    const rows = await this.#db.sql<{ message: Order }>`
      select message from outbox where placed_at <= ${new Date(Date.now() - olderThanMs)}
      order by placed_at limit ${SWEEP_AT_ONCE}`;
    const orders = rows.map(({ message }) => message);
    const messages = orders.map((order) => ({ key: order.id, value: order }));
    await this.#queue.publishMany(TOPIC, messages, { timeoutMs: PUBLISH_TIMEOUT_MS });
    await this.#remove(orders);
    return orders.length;
  }

  async #remove(orders: readonly Order[]): Promise<void> {
    await this.#db.sql`delete from outbox where order_id in ${sql.list(orders.map(({ id }) => id))}`;
  }
}
