/**
 * The method by which an async iterable gives its items many at a time: to whoever only passes them on, a promise for each
 * would cost more than the items themselves. The same symbol in every copy of this package.
 */
export const BATCHES: unique symbol = Symbol.for('bottle.batches');

/** Items that come in batches, none of which has to be empty or full. */
export interface InBatches<Item> {
  [BATCHES](): AsyncIterator<readonly Item[]>;
}

export function hasBatches(items: object): items is InBatches<unknown> {
  return BATCHES in items;
}
