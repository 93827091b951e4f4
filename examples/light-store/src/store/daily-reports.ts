import { type Bottle, BottleError, Code, type Database } from 'bottle-sdk';

/** How many items are named as those that sold best. */
const BEST = 3;
const DAY_MS = 86_400_000;

/** What was sold on one day, in UTC. Amounts are in minor units. */
export interface DailyReport {
  /** "2026-11-20" */
  day: string;
  orders: number;
  /** What the items cost, without shipping. */
  revenue: number;
  shipping: number;
  bestSellers: { id: string; quantity: number }[];
}

/** One line for each day, in the database. */
export class DailyReports {
  readonly #db: Database;

  constructor(bottle: Bottle) {
    this.#db = bottle.db('shop');
  }

  /** Sums a day up and keeps that; made again, it takes the place of the one before. */
  async make(day: string): Promise<DailyReport> {
    const from = startOf(day);
    const until = new Date(from.getTime() + DAY_MS);
    const sums = await this.#db.sql`
      select count(*) as orders, coalesce(sum(subtotal), 0) as revenue, coalesce(sum(shipping), 0) as shipping
      from orders where placed_at >= ${from} and placed_at < ${until}`.first();
    const best = await this.#db.sql`
      select item_id as id, sum(quantity) as quantity
      from order_lines join orders on orders.id = order_lines.order_id
      where placed_at >= ${from} and placed_at < ${until}
      group by item_id order by sum(quantity) desc, item_id limit ${BEST}`;
    const report: DailyReport = {
      day,
      orders: Number(sums?.['orders']),
      revenue: Number(sums?.['revenue']),
      shipping: Number(sums?.['shipping']),
      bestSellers: best.map(({ id, quantity }) => ({ id: String(id), quantity: Number(quantity) })),
    };
    const { orders, revenue, shipping, bestSellers } = report;
    await this.#db.sql`
      replace into daily_reports (day, orders, revenue, shipping, best_sellers)
      values (${day}, ${orders}, ${revenue}, ${shipping}, ${bestSellers})`;
    return report;
  }

  /** Undefined when nobody has made it. */
  async find(day: string): Promise<DailyReport | undefined> {
    const row = await this.#db.sql<DailyReport & { best_sellers: DailyReport['bestSellers'] }>`
      select day, orders, revenue, shipping, best_sellers from daily_reports where day = ${day}`.first();
    if (!row) return undefined;
    const { best_sellers: bestSellers, orders, revenue, shipping } = row;
    return { day, orders, revenue, shipping, bestSellers };
  }
}

/** The day before a time, in UTC: "2026-11-20". */
export function dayBefore(time: Date): string {
  return new Date(time.getTime() - DAY_MS).toISOString().slice(0, 10);
}

/** Throws INVALID_ARGUMENT for what is no day. */
function startOf(day: string): Date {
  const start = new Date(`${day}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(start.getTime())) return start;
  throw new BottleError(Code.INVALID_ARGUMENT, 'invalid-day', `"${day}" is no day such as "2026-11-20"`);
}
