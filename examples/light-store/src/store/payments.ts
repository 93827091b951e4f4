import { type Bottle, BottleError, Code, type Database } from 'bottle-sdk';
import { isDuplicate } from './is-duplicate.ts';

/** That an order was paid. */
export interface Payment {
  orderId: string;
  /** In minor units. */
  amount: number;
  currency: string;
  /** ISO 8601 */
  paidAt: string;
}

/** Which orders are paid, in the database. */
export class Payments {
  readonly #db: Database;

  constructor(bottle: Bottle) {
    this.#db = bottle.db('shop');
  }

  /**
   * Marks an order as paid, once: told again, it answers with what it knows already. Throws NOT_FOUND for an order that there
   * is not, FAILED_PRECONDITION when it costs something else.
   */
  async record(payment: Payment): Promise<Payment> {
    const { orderId, amount, currency, paidAt } = payment;
    const order = await this.#db.sql<{ total: number; currency: string }>`
      select subtotal + shipping as total, currency from orders where id = ${orderId}`.first();
    if (!order) throw new BottleError(Code.NOT_FOUND, 'no-order', `there is no order ${orderId}`);
    if (order.total !== amount || order.currency !== currency) {
      const message = `the order costs ${order.total} ${order.currency}, not ${amount} ${currency}`;
      throw new BottleError(Code.FAILED_PRECONDITION, 'wrong-amount', message, { httpStatus: 422 });
    }
    try {
      await this.#db.sql`
        insert into payments (order_id, amount, currency, paid_at)
        values (${orderId}, ${amount}, ${currency}, ${new Date(paidAt)})`;
      return payment;
    } catch (error) {
      const known = isDuplicate(error) ? await this.find(orderId) : undefined;
      if (known) return known;
      throw error;
    }
  }

  /** The payment of an order; undefined: it is not paid. */
  async find(orderId: string): Promise<Payment | undefined> {
    const row = await this.#db.sql<{ amount: number; currency: string; paid_at: Date }>`
      select amount, currency, paid_at from payments where order_id = ${orderId}`.first();
    return row && { orderId, amount: row.amount, currency: row.currency, paidAt: row.paid_at.toISOString() };
  }
}
