import type { Bottle, Database } from 'bottle-sdk';
import { isDuplicate } from './is-duplicate.ts';
import type { Order } from './orders.ts';

/** What the warehouse has to take from its shelves. */
export interface PickingSlip {
  orderId: string;
  lines: readonly { id: string; quantity: number }[];
}

/** The warehouse's list, in the database. */
export class Picking {
  readonly #db: Database;

  constructor(bottle: Bottle) {
    this.#db = bottle.db('shop');
  }

  /** Adds an order, once: false when it is on the list already. */
  async add({ id, items }: Pick<Order, 'id' | 'items'>): Promise<boolean> {
    const lines = items.map(({ id: item, quantity }) => ({ id: item, quantity }));
    try {
      await this.#db.sql`insert into picking_slips (order_id, picking_lines) values (${id}, ${lines})`;
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** The slip of an order; undefined while its message is on the way. */
  async find(orderId: string): Promise<PickingSlip | undefined> {
    const row = await this.#db.sql<{ picking_lines: PickingSlip['lines'] }>`
      select picking_lines from picking_slips where order_id = ${orderId}`.first();
    return row && { orderId, lines: row.picking_lines };
  }
}
