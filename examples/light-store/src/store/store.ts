import type { Bottle } from 'bottle-sdk';
import { Carts } from './carts.ts';
import { Catalogue } from './catalogue.ts';
import { DailyReports } from './daily-reports.ts';
import { Feed, type FeedOptions } from './feed.ts';
import { Orders } from './orders.ts';
import { Outbox } from './outbox.ts';
import { Payments } from './payments.ts';
import { Picking } from './picking.ts';
import { Rates } from './rates.ts';

/** The shop. It keeps nothing itself: what it knows is in the bottle, and every pod knows the same. */
export interface Store {
  readonly catalogue: Catalogue;
  readonly carts: Carts;
  readonly orders: Orders;
  readonly outbox: Outbox;
  readonly payments: Payments;
  readonly picking: Picking;
  readonly reports: DailyReports;
  readonly rates: Rates;
  readonly feed: Feed;
}

export function createStore(bottle: Bottle, options: FeedOptions = {}): Store {
  const catalogue = new Catalogue(bottle);
  const carts = new Carts(bottle);
  return {
    catalogue,
    carts,
    orders: new Orders(bottle, { catalogue, carts }),
    outbox: new Outbox(bottle),
    payments: new Payments(bottle),
    picking: new Picking(bottle),
    reports: new DailyReports(bottle),
    rates: new Rates(bottle),
    feed: new Feed(bottle, catalogue, options),
  };
}
