// The table of values in docs/bottle-sdk.md, row by row: what a function gets of a value in the server, and that the server has
// the same value when it is written back. Another client puts it there, and the server itself compares.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { type CallError, type Database, sql } from 'bottle-sdk';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../harness/process.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

interface ValueRow {
  type: string;
  literal: string;
  /** JavaScript, or `inexact-value` where it is refused. */
  gets: string;
  isRefused: boolean;
  /** It is written by `sql.json`. */
  isJson: boolean;
  /** Of the resource. */
  isText: boolean;
}

const page = readFileSync(join(ROOT, 'docs/bottle-sdk.md'), 'utf8');
const ROWS: readonly ValueRow[] = [
  ...page.matchAll(/^\| `([A-Z][^`]*)` \| `([^`]*)` \| (refused: )?`([^`]*)`(.*?) \| (.*?) ?\|$/gm),
].map(([, type = '', literal = '', refused, gets = '', more = '', setting = '']) => ({
  type,
  literal,
  gets,
  isRefused: refused !== undefined,
  isJson: more.includes('sql.json'),
  isText: setting !== '',
}));

const url = inject('mysqlUrl');

it('the table has every kind of type', () => {
  expect(ROWS.length).toBeGreaterThan(50);
});

describe.skipIf(url === undefined)('values of MySQL', () => {
  let target: SidecarTarget;
  let direct: Connection;
  let name: ReturnType<typeof sql.identifier>;
  let unique = 0;
  beforeAll(async () => {
    const shop = { driver: 'mysql', url };
    const text = { ...shop, dates: 'text', json: 'text', sqlMode: 'STRICT_TRANS_TABLES' };
    target = await openSidecar({ db: { shop, text } });
    direct = await createConnection({ uri: url ?? '', timezone: 'Z' });
    await direct.query("set time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES', names utf8mb4");
  });
  afterAll(async () => {
    await direct?.end();
    await target?.close();
  });

  /** A table whose first row has the value in `a`, from another client, and nothing in `b`. */
  async function keep(type: string, literal: string): Promise<void> {
    name = sql.identifier(`values_${process.pid}_${(unique += 1)}`);
    await direct.query(
      `create table ${name.text} (id int primary key, a ${type} null, b ${type} null) default character set utf8mb4`,
    );
    await direct.query(`insert into ${name.text} values (1, ${literal}, null)`);
  }

  /** Whether the server has the same in both columns, to the last bit. */
  async function isSame(): Promise<boolean> {
    const [[row]] = await direct.query<RowDataPacket[]>(
      `select a <=> b and hex(a) <=> hex(b) and concat(a) <=> concat(b) as same from ${name.text}`,
    );
    return row?.['same'] === 1;
  }

  /** One value by each of the ways that there are. */
  function waysOf(db: Database): [way: string, read: () => Promise<unknown>][] {
    const select = `select a from ${name.text}`;
    const valueOf = (rows: readonly { a?: unknown }[]): unknown => rows[0]?.a;
    return [
      ['a statement', async () => valueOf((await db.execute(select)).rows)],
      ['a stream', async () => valueOf(await Array.fromAsync(db.stream(select)))],
      ['a transaction', async () => db.transaction(async (tx) => valueOf((await tx.execute(select)).rows))],
      [
        'a stream in a transaction',
        async () => db.transaction(async (tx) => valueOf(await Array.fromAsync(tx.stream(select)))),
      ],
      ['the text protocol', async () => valueOf((await db.execute(`execute immediate '${select}'`)).rows)],
    ];
  }

  /** What each way gives: the value, or what it is refused for. */
  async function readAll(db: Database): Promise<Record<string, unknown>> {
    const read: Record<string, unknown> = {};
    for (const [way, one] of waysOf(db)) read[way] = await one().catch(({ reason }: CallError) => reason);
    return read;
  }

  it.each(ROWS)('$type $literal: $gets', async ({ type, literal, gets, isRefused, isText }) => {
    await keep(type, literal);
    const db = target.bottle.db(isText ? 'text' : 'shop');
    const value: unknown = isRefused ? gets : runInThisContext(`(${gets})`);
    const wanted = Object.fromEntries(waysOf(db).map(([way]) => [way, value]));
    if (type === 'FLOAT') wanted['the text protocol'] = 'inexact-value';
    expect(await readAll(db)).toStrictEqual(wanted);
  });

  it.each(ROWS.filter(({ isRefused }) => !isRefused))(
    '$type $literal: the same when it is written back',
    async ({ type, literal, isJson, isText }) => {
      await keep(type, literal);
      const db = target.bottle.db(isText ? 'text' : 'shop');
      const { a } = (await db.sql<{ a: object }>`select a from ${name}`.first()) ?? {};
      const parameter = isJson ? sql.json(a) : (a as object);
      await db.sql`update ${name} set b = ${parameter}`;
      expect(await isSame()).toBe(true);
      await db.sql`update ${name} set b = null`;
      await db.transaction((tx) => tx.batch(`update ${name.text} set b = ? where id = ?`, [[parameter, 1]]));
      expect(await isSame()).toBe(true);
    },
  );

  it('a transaction goes on after a value that it cannot give', async () => {
    await keep('DATETIME', "'0000-00-00'");
    const shop = target.bottle.db('shop');
    const found = await shop.transaction(async (tx) => {
      await expect(tx.sql`select a from ${name}`).rejects.toMatchObject({ reason: 'inexact-value' });
      await expect(Array.fromAsync(tx.sql`select a from ${name}`.stream())).rejects.toMatchObject({
        reason: 'inexact-value',
      });
      return tx.sql`select id from ${name}`;
    });
    expect(found).toEqual([{ id: 1 }]);
  });

  it('an insert whose answer cannot be given is done', async () => {
    await keep('JSON', 'null');
    const inserted = target.bottle.db('shop')
      .sql`insert into ${name} values (2, '[0.12345678901234567890]', null) returning a`;
    await expect(inserted).rejects.toMatchObject({ reason: 'inexact-value', outcome: 'done', retryable: false });
    expect(await target.bottle.db('shop').sql`select id from ${name}`).toHaveLength(2);
  });

  it('sums have the type that the server gives them', async () => {
    await keep('BIGINT', '9223372036854775807');
    await direct.query(`insert into ${name.text} values (2, 9223372036854775807, null)`);
    const row = await target.bottle.db('shop').sql`select sum(a) as sum, count(*) as count from ${name}`.first();
    expect(row).toStrictEqual({ sum: '18446744073709551614', count: 2 });
  });
});
