import { setTimeout as delay } from 'node:timers/promises';
import { type Row, toldOf, type Ways } from './row.ts';

const UNKNOWN = 'unknown (outcome-unknown)';

function dbRow(
  operation: string,
  told: string,
  rows: number,
  change: (ways: Ways, key: string) => Promise<unknown>,
): Row {
  return {
    capability: 'db',
    operation,
    told,
    truth: rows,
    async run(ways, key) {
      const direct = ways.bottle.db('direct');
      await direct.execute('create table if not exists lost_answers (k varchar(100), n integer default 1)');
      const said = await toldOf(() => change(ways, key));
      const [found] = await direct.sql<{ n: number }>`select count(*) as n from lost_answers where k = ${key}`;
      return { told: said, truth: found?.n };
    },
  };
}

const INSERT = 'insert into lost_answers (k) values (?)';

export const DB_ROWS: readonly Row[] = [
  dbRow('select', 'answered [{"n":0}]', 0, async ({ bottle, lose }, key) => {
    lose(key);
    return await bottle.db('lossy').sql`select count(*) as n from lost_answers where k = ${key}`;
  }),
  dbRow('insert, asked what it is', 'answered 1', 1, async ({ bottle, lose }, key) => {
    lose(`/* ${key} */`); // of the statement's text, which the server only reads
    return (await bottle.db('lossy').execute(`${INSERT} /* ${key} */`, [key])).affectedRows;
  }),
  dbRow('insert', UNKNOWN, 1, async ({ bottle, lose }, key) => {
    lose(key);
    return await bottle.db('lossy').execute(INSERT, [key]);
  }),
  dbRow('insert, in a transaction', 'not-done, again (connection-lost)', 0, async ({ bottle, lose }, key) =>
    bottle.db('lossy').transaction(async (tx) => {
      lose(key);
      await tx.execute(INSERT, [key]);
    }),
  ),
  dbRow('commit', UNKNOWN, 1, async ({ bottle, lose }, key) =>
    bottle.db('lossy').transaction(async (tx) => {
      await tx.execute(INSERT, [key]);
      lose('COMMIT');
    }),
  ),
  dbRow(
    'commit, after the server closed the connection',
    'not-done, again (connection-lost)',
    0,
    async ({ bottle }, key) =>
      bottle.db('lossy').transaction(async (tx) => {
        await tx.execute('set session wait_timeout = 1');
        await tx.execute(INSERT, [key]);
        await delay(1_800);
      }),
  ),
  dbRow('insertMany', 'not-done, again (connection-lost)', 0, async ({ bottle, lose }, key) => {
    lose(key);
    await bottle.db('lossy').insertMany('lost_answers', [{ k: key }, { k: key }]);
  }),
  dbRow('insertMany, its commit', UNKNOWN, 2, async ({ bottle, lose }, key) => {
    lose('COMMIT');
    await bottle.db('lossy').insertMany('lost_answers', [{ k: key }, { k: key }]);
  }),
];
