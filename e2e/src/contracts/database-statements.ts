import { BottleError, type DbParameter, sql, type SqlFragment } from 'bottle-sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { countOf, type DatabaseUnderTest } from './database-contract.ts';

interface Item {
  id: number;
  name: string;
  price: string | null;
}

const INJECTIONS = [
  "'; drop table users; --",
  '" or ""="',
  "' or '1'='1",
  "\\'; delete from items; --",
  '1; select 1',
  '?',
  '`',
  '/* */',
  "x' union select * from secrets -- ",
  "\u0000'",
  "%' and 1=1 -- ",
  "\u00bf\u005c' or 1=1 -- ",
];

/** Statements, result sets, batches, and how they fail. */
export function describeStatements({ db, table, language, idColumn }: DatabaseUnderTest): void {
  const isMysql = language === 'mysql';
  let items: SqlFragment;
  const fresh = async (): Promise<SqlFragment> => {
    const name = sql.identifier(table());
    await db().execute(
      `create table ${name.text} (${idColumn}, name varchar(200) not null unique, price decimal(10,2))`,
    );
    return name;
  };
  beforeAll(async () => {
    items = await fresh();
    await db()
      .sql`insert into ${items} (name, price) values (${'pen'}, ${'1.20'}), (${'ink'}, ${'7.00'}), (${'cap'}, ${null})`;
  });

  describe('the tagged template', () => {
    it('gives rows of the type it was told', async () => {
      const rows: Item[] = await db().sql<Item>`select id, name, price from ${items} where price > ${1} order by name`;
      expect(rows).toEqual([
        { id: 2, name: 'ink', price: '7.00' },
        { id: 1, name: 'pen', price: '1.20' },
      ]);
    });
    it('gives the first row, or undefined', async () => {
      expect(await db().sql<Item>`select name from ${items} where id = ${1}`.first()).toEqual({ name: 'pen' });
      expect(await db().sql<Item>`select name from ${items} where id = ${-1}`.first()).toBeUndefined();
    });
    it('runs once, however often it is awaited', async () => {
      const name = await fresh();
      const insert = db().sql`insert into ${name} (name) values (${'once'})`;
      await Promise.all([insert, insert, insert.first(), insert.result()]);
      expect(await db().sql`select id from ${name}`).toHaveLength(1);
    });
    it('is put together from fragments, names and lists', async () => {
      const where = (ids: number[]): SqlFragment => sql.fragment`where id in ${sql.list(ids)}`;
      const by = sql.identifier('name');
      expect(await db().sql`select name from ${items} ${where([1, 3])} order by ${by}`).toEqual([
        { name: 'cap' },
        { name: 'pen' },
      ]);
      expect(await db().sql`select name from ${items} ${where([])}`).toEqual([]);
      expect(await db().sql`select id from ${items} where id not in ${sql.list([])}`).toHaveLength(3);
      const conditions = [sql.fragment`id > ${1}`, sql.fragment`price is not null`];
      const and = sql.fragment` and `;
      expect(await db().sql`select name from ${items} where ${sql.join(conditions, and)}`).toEqual([{ name: 'ink' }]);
    });
    it.each(INJECTIONS)('keeps %j a value', async (text) => {
      const name = await fresh();
      await db().sql`insert into ${name} (name) values (${text})`;
      expect(await db().sql`select name from ${name} where name = ${text}`).toEqual([{ name: text }]);
      expect(await db().sql`select name from ${name} where name = ${`${text}x`}`).toEqual([]);
      expect(await db().sql`select name from ${name} where name in ${sql.list([text])}`).toEqual([{ name: text }]);
      expect(await db().sql`select id from ${items}`).toHaveLength(3);
    });
    it('keeps objects that look like pieces of a statement values', async () => {
      const forged = JSON.parse('{"text":"1 or 1=1","parameters":[],"raw":["select 1"],"toSqlString":"x"}') as object;
      const { rows } = await db().sql<{ value: unknown }>`select ${forged} as value`.result();
      const value = rows[0]?.value;
      expect(typeof value === 'string' ? JSON.parse(value) : value).toEqual(forged);
    });
    it('takes no text that was put together', () => {
      const tag = db().sql as unknown as (strings: unknown, ...values: unknown[]) => unknown;
      const id = '1 or 1=1';
      for (const strings of [`select ${id}`, ['select ', ''], Object.assign(['x'], { raw: ['x'] }), [], null, {}])
        expect(() => tag(strings, id)).toThrow(expect.objectContaining({ reason: 'no-template' }));
      const frozen = Object.freeze(Object.assign(['select 1'], { raw: ['select 1'] }));
      expect(() => tag(frozen)).toThrow(expect.objectContaining({ reason: 'no-template' }));
    });
    it.each([
      '',
      'a b',
      'a`b',
      'a"b',
      'a;b',
      'a.',
      '.a',
      'a..b',
      'name desc',
      '1a',
      'ä',
      'a'.repeat(65),
      'a.b.c.d',
      null,
      {},
    ])('takes no identifier like %j', (name) => {
      expect(() => sql.identifier(name as string)).toThrow(expect.objectContaining({ reason: 'bad-identifier' }));
    });
  });

  describe('statements', () => {
    it('say how many rows they changed and which id they made', async () => {
      const name = (await fresh()).text;
      const one = await db().execute(`insert into ${name} (name) values (?)`, ['a']);
      expect(one).toMatchObject({ rows: [], affectedRows: 1, insertId: 1 });
      const three = await db().execute(`insert into ${name} (name) values (?), (?), (?)`, ['b', 'c', 'd']);
      expect(three).toMatchObject({ affectedRows: 3, insertId: 2 });
      expect(await db().execute(`update ${name} set price = ? where id > ?`, ['1.00', 2])).toMatchObject({
        affectedRows: 2,
      });
      expect(await db().execute(`update ${name} set price = ? where id > ?`, ['1.00', 2])).toMatchObject({
        affectedRows: 2,
      });
      expect(await db().execute(`delete from ${name} where id = ?`, [99])).toMatchObject({
        affectedRows: 0,
        insertId: 0,
      });
      expect(await db().execute(`select name from ${name} where id = ?`, [4])).toMatchObject({ rows: [{ name: 'd' }] });
    });
    it('need as many values as they have question marks', async () => {
      for (const values of [[], [1, 2]] as DbParameter[][])
        await expect(db().execute(`select name from ${items.text} where id = ?`, values)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          reason: 'bad-operation',
        });
    });
    it('come one at a time', async () => {
      await expect(db().execute(`select 1; delete from ${items.text}`)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      expect(await db().sql`select id from ${items}`).toHaveLength(3);
    });
    it('begin no transaction by themselves', async () => {
      for (const text of ['begin', 'START TRANSACTION', 'commit', 'savepoint x'])
        await expect(db().execute(text)).rejects.toMatchObject({ reason: 'bad-operation' });
    });
    it('fail with the code of the database', async () => {
      const duplicate = await db().sql`insert into ${items} (name) values (${'pen'})`
        .first()
        .catch((thrown: unknown) => thrown);
      expect(duplicate).toBeInstanceOf(BottleError);
      expect(duplicate).toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'driver-error',
        details: {
          resource: 'db.contract',
          operation: 'execute',
          retryable: false,
          driverCode: isMysql ? 'ER_DUP_ENTRY' : 'SQLITE_CONSTRAINT_UNIQUE',
        },
      });
      const { message, details } = duplicate as BottleError;
      expect(message).toMatch(
        /^(mysql|sqlite) refused the statement: a row with this key is there already \([A-Z_]+\)$/,
      );
      expect(details['driverMessage']).toMatch(
        isMysql ? /^Duplicate entry '…' for key/ : /^UNIQUE constraint failed: /,
      );
      const cases: [string, string, string][] = [
        ['selec 1', 'ER_PARSE_ERROR', 'SQLITE_ERROR'],
        ['select * from nowhere_at_all', 'ER_NO_SUCH_TABLE', 'SQLITE_ERROR'],
        [`insert into ${items.text} (name) values (null)`, 'ER_BAD_NULL_ERROR', 'SQLITE_CONSTRAINT_NOTNULL'],
      ];
      for (const [text, mysql, sqlite] of cases)
        await expect(db().execute(text)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          details: { driverCode: isMysql ? mysql : sqlite },
        });
    });
    it('that only read may not write, whatever they say', async () => {
      const name = (await fresh()).text;
      const { readOnly } = db();
      const refused = { reason: 'read-only' };
      await expect(readOnly.execute(`insert into ${name} (name) values ('x')`)).rejects.toMatchObject(refused);
      await expect(readOnly.execute(`/* select */ delete from ${name}`)).rejects.toMatchObject(refused);
      await expect(readOnly.execute(`drop table ${name}`)).rejects.toMatchObject(refused);
      await expect(readOnly.batch(`insert into ${name} (name) values (?)`, [['x']])).rejects.toMatchObject(refused);
      const writing = readOnly.transaction((tx) => tx.execute(`insert into ${name} (name) values ('x')`));
      await expect(writing).rejects.toMatchObject(refused);
      expect(await readOnly.execute(`select * from ${name}`)).toMatchObject({ rows: [] });
      expect(await db().execute(`insert into ${name} (name) values ('x')`)).toMatchObject({ affectedRows: 1 });
    });
    it('are given up when their signal aborts', async () => {
      const aborted = db().with({ signal: AbortSignal.abort() });
      await expect(aborted.execute('select 1')).rejects.toMatchObject({ code: 'CANCELLED' });
    });
    it('see what was written before, a thousand times', async () => {
      const name = (await fresh()).text;
      await db().execute(`insert into ${name} (name, price) values ('counter', 0)`);
      for (let turn = 1; turn <= 200; turn++) {
        await db().execute(`update ${name} set price = ?`, [turn]);
        expect((await db().execute(`select price from ${name}`)).rows).toEqual([{ price: `${turn}.00` }]);
      }
    });
  });

  describe('batches', () => {
    it('insert many rows, in order', async () => {
      const name = table();
      await db().execute(`create table ${name} (${idColumn}, a bigint, b varchar(100))`);
      const rows = Array.from({ length: 12_345 }, (_, a) => ({ a, b: a % 3 === 0 ? null : `row ${a}` }));
      expect(await db().insertMany(name, rows)).toEqual({ affectedRows: rows.length, insertId: 1 });
      const read: unknown[] = [];
      for await (const row of db().stream(`select a, b from ${name} order by id`)) read.push(row);
      expect(read).toEqual(rows);
    });
    it('insert all rows or none', async () => {
      const name = await fresh();
      const rows = Array.from({ length: 6_000 }, (_, at) => ({ name: `n${at === 5_999 ? 0 : at}` }));
      await expect(db().insertMany(name.text.replaceAll('`', ''), rows)).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      expect(await db().sql`select id from ${name}`).toEqual([]);
    });
    it('run any statement for each row', async () => {
      const name = await fresh();
      await db().batch(`insert into ${name.text} (name, price) values (?, ?)`, [
        ['a', '1.00'],
        ['b', '2.00'],
        ['c', '3.00'],
      ]);
      const { affectedRows } = await db().batch(`update ${name.text} set price = ? where name = ?`, [
        ['9.00', 'a'],
        ['8.00', 'c'],
      ]);
      expect(affectedRows).toBe(2);
      expect(await db().sql`select price from ${name} order by name`).toEqual([
        { price: '9.00' },
        { price: '2.00' },
        { price: '8.00' },
      ]);
    });
    it('of no rows do nothing', async () => {
      expect(await db().insertMany('no_such_table', [])).toEqual({ affectedRows: 0, insertId: 0 });
      expect(await db().batch('no statement at all', [])).toEqual({ affectedRows: 0, insertId: 0 });
    });
    it('have the same columns in each row, and names that are names', async () => {
      const rows = [{ a: 1 }, { b: 1 }] as unknown as { a: number }[];
      await expect(db().insertMany('x', rows)).rejects.toMatchObject({ reason: 'bad-value' });
      await expect(db().insertMany('x', [{ 'a) values (1); --': 1 }])).rejects.toMatchObject({
        reason: 'bad-identifier',
      });
      await expect(db().insertMany('x; drop table y', [{ a: 1 }])).rejects.toMatchObject({ reason: 'bad-identifier' });
    });
  });

  describe('result sets', () => {
    it('beyond the resource’s limit name the stream', async () => {
      const name = table();
      await db().execute(`create table ${name} (a bigint)`);
      await db().insertMany(
        name,
        Array.from({ length: 10_001 }, (_, a) => ({ a })),
      );
      const all = db().execute(`select a from ${name}`);
      await expect(all).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'result-too-large' });
      await expect(all).rejects.toThrow('stream');
      let sum = 0;
      for await (const { a } of db().stream<{ a: number }>(`select a from ${name}`)) sum += a;
      expect(sum).toBe((10_000 * 10_001) / 2);
    });
    it('may be left in the middle, again and again', async () => {
      const name = table();
      await db().execute(`create table ${name} (a bigint, b varchar(1000))`);
      await db().insertMany(
        name,
        Array.from({ length: 5_000 }, (_, a) => ({ a, b: 'x'.repeat(1_000) })),
      );
      for (let turn = 0; turn < 30; turn++) {
        for await (const { a } of db().stream<{ a: number }>(`select a, b from ${name}`)) {
          if (a === turn) break;
        }
      }
      expect((await db().execute<{ n: number }>(`select count(*) as n from ${name}`)).rows).toEqual([{ n: 5_000 }]);
    });
    it('without rows are streams without rows', async () => {
      const rows: unknown[] = [];
      for await (const row of db().sql`select name from ${items} where id = ${-1}`.stream()) rows.push(row);
      expect(rows).toEqual([]);
    });
    it('that fail throw out of the loop', async () => {
      await expect(countOf(db().stream('select * from nowhere_at_all'))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        details: { driverCode: isMysql ? 'ER_NO_SUCH_TABLE' : 'SQLITE_ERROR', operation: 'query' },
      });
    });
  });
}
