import { bottle, defineFunction } from 'bottle-sdk';

export const sql = defineFunction.http(() => bottle.db('shop').sql`select x from no_such_table`);

/** Fails in its answer, which streams. */
export const rows = defineFunction.http(() => bottle.db('shop').sql`select x from no_such_table`.stream());

export const miss = defineFunction.http(async () => await bottle.cache('nowhere').get('key'));

export const plain = defineFunction.http(() => bottle.cache('nowhere').get('key'));

export const denied = defineFunction.http(async () => await bottle.cache('down').get('key'));

export const down = defineFunction.http(async () => await bottle.cache('down').get('key'));

/** The function's own mistake, which nothing outside of it can mend. */
export const misuse = defineFunction.http(() => bottle.cache('down').set('key', 'value', { ttl: 0 }));
