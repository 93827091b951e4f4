import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from 'bottle-sdk';
import { type Row, toldOf, type Ways } from './row.ts';

const UNKNOWN = 'unknown (outcome-unknown)';
const REFUSED = 'not-done (driver-error)';
const UNDONE = 'unknown (driver-error)';

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

/** A statement that is refused at its second row, in a table of this engine; nothing gets lost. */
function refusedRow(
  operation: string,
  { engine, told, rows }: { engine: string; told: string; rows: number },
  insert: (db: Database, text: string, keys: [string, string, string]) => Promise<unknown>,
): Row {
  return {
    capability: 'db',
    operation: `${operation}, its last row refused (${engine})`,
    told,
    truth: rows,
    async run({ bottle }, key) {
      const direct = bottle.db('direct');
      const table = `refused_${engine}_${key.replaceAll('-', '_')}`;
      await direct.execute(`create table ${table} (k varchar(100) primary key) engine=${engine}`);
      const said = await toldOf(() =>
        insert(direct, `insert into ${table} (k) values (?)`, [key, `${key} again`, key]),
      );
      const [found] = (await direct.execute<{ n: number }>(`select count(*) as n from ${table}`)).rows;
      await direct.execute(`drop table ${table}`);
      return { told: said, truth: found?.n };
    },
  };
}

/** Of several rows, in one statement. */
const inOne = (db: Pick<Database, 'execute'>, text: string, keys: string[]): Promise<unknown> =>
  db.execute(`${text}${', (?)'.repeat(keys.length - 1)}`, keys);

const INSERT = 'insert into lost_answers (k) values (?)';

export const DB_ROWS: readonly Row[] = [
  dbRow('select', 'answered [{"n":0}]', 0, async ({ bottle, lose }, key) => {
    lose(key);
    return await bottle.db('lossy').sql`select count(*) as n from lost_answers where k = ${key}`;
  }),
  dbRow('select of a function that writes', UNKNOWN, 1, async ({ bottle, lose }, key) => {
    await bottle.db('direct').execute('drop function if exists lost_answer');
    await bottle
      .db('direct')
      .execute(
        'create function lost_answer(k varchar(100)) returns int begin insert into lost_answers (k) values (k); return 1; end',
      );
    lose(key);
    return await bottle.db('lossy').sql`select lost_answer(${key})`;
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
  refusedRow('insert', { engine: 'InnoDB', told: REFUSED, rows: 0 }, inOne),
  refusedRow('insert', { engine: 'MyISAM', told: UNDONE, rows: 2 }, inOne),
  refusedRow('insert of one row', { engine: 'MyISAM', told: REFUSED, rows: 1 }, async (db, text, [key]) => {
    await db.execute(text, [key]);
    await db.execute(text, [key]);
  }),
  refusedRow('insert', { engine: 'MEMORY', told: UNDONE, rows: 2 }, inOne),
  refusedRow('insert … returning, streamed', { engine: 'MyISAM', told: UNDONE, rows: 2 }, (db, text, keys) =>
    Array.fromAsync(db.stream(`${text}, (?), (?) returning k`, keys)),
  ),
  refusedRow('insert, in a transaction', { engine: 'InnoDB', told: REFUSED, rows: 0 }, (db, text, keys) =>
    db.transaction((tx) => inOne(tx, text, keys)),
  ),
  refusedRow('insert, in a transaction', { engine: 'MyISAM', told: UNDONE, rows: 2 }, (db, text, keys) =>
    db.transaction((tx) => inOne(tx, text, keys)),
  ),
  refusedRow('batch', { engine: 'InnoDB', told: REFUSED, rows: 0 }, (db, text, keys) =>
    db.batch(
      `${text} /* one by one */`,
      keys.map((key) => [key]),
    ),
  ),
  refusedRow('batch', { engine: 'MyISAM', told: UNDONE, rows: 2 }, (db, text, keys) =>
    db.batch(
      `${text} /* one by one */`,
      keys.map((key) => [key]),
    ),
  ),
];
