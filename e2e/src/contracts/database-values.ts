import { createHash, randomBytes } from 'node:crypto';
import { type DbParameter, sql } from 'bottle-sdk';
import { describe, expect, it } from 'vitest';
import type { DatabaseUnderTest } from './database-contract.ts';

const KIB = 1024;
const UTF8_EDGES = [
  '',
  '\u0000',
  'a\u0000b',
  '\u007f\u0080',
  '\u07ff\u0800',
  '\ufffd\uffff',
  '\u{10ffff}',
  '😀é漢',
  'a\'b"c\\d`e;--?',
];

/** What a column of a type gives back for a value. */
export async function roundTripOf(
  { db, table }: DatabaseUnderTest,
  type: string,
  value: DbParameter,
): Promise<unknown> {
  const name = sql.identifier(table());
  await db().execute(`create table ${name.text} (value ${type})`);
  await db().sql`insert into ${name} (value) values (${value})`;
  const row = await db().sql<{ value: unknown }>`select value from ${name}`.first();
  // Streams and transactions have ways of their own.
  const streamed: unknown[] = [];
  for await (const each of db().sql<{ value: unknown }>`select value from ${name}`.stream()) streamed.push(each.value);
  expect(streamed).toEqual([row?.value]);
  expect(await db().transaction((tx) => tx.sql`select value from ${name}`.first())).toEqual(row);
  return row?.value;
}

/** Values go in and come out as they were. */
export function describeValues(subject: DatabaseUnderTest): void {
  const { db, table } = subject;
  const isMysql = subject.language === 'mysql';
  const roundTrip = (type: string, value: DbParameter): Promise<unknown> => roundTripOf(subject, type, value);

  describe('values', () => {
    it.each<[string, DbParameter]>([
      ['BIGINT', 0],
      ['BIGINT', -1],
      ['BIGINT', Number.MAX_SAFE_INTEGER],
      ['BIGINT', Number.MIN_SAFE_INTEGER],
      ['BIGINT', 2n ** 53n],
      ['BIGINT', -(2n ** 53n)],
      ['BIGINT', 2n ** 63n - 1n],
      ['BIGINT', -(2n ** 63n)],
      ['INTEGER', 2 ** 31 - 1],
      ['SMALLINT', -(2 ** 15)],
      ['DOUBLE', 0.1],
      ['DOUBLE', -1.5e300],
      ['DOUBLE', 5e-324],
      ['DOUBLE', 4],
      ['DECIMAL(10,2)', '12.50'],
      ['DECIMAL(10,2)', '-0.05'],
      ['DECIMAL(10,2)', '100.00'],
      ['DECIMAL(14,0)', '12345678901234'],
      ['DATE', '2024-02-29'],
      ['DATETIME(6)', '2024-02-29 01:02:03.000100'],
      ['TIME', '23:59:59'],
      ['VARCHAR(100)', 'text'],
      ['VARCHAR(100)', '5'],
      ['TEXT', null],
      ['BIGINT', null],
      ['DATETIME', null],
      ['BLOB', null],
      ['JSON', null],
    ])('keep a %s of %s', async (type, value) => {
      expect(await roundTrip(type, value)).toEqual(value);
    });
    it('are numbers again when a bigint was small enough', async () => {
      expect(await roundTrip('BIGINT', 5n)).toBe(5);
    });
    it('are 1 and 0 when they were booleans', async () => {
      expect(await roundTrip('BOOLEAN', true)).toBe(1);
      expect(await roundTrip('BOOLEAN', false)).toBe(0);
    });
    it.each([
      '1970-01-01T00:00:01.000Z',
      '2024-03-31T01:30:00.000Z',
      '2024-10-27T01:30:00.123Z',
      '2037-12-31T23:59:59.999Z',
    ])('keep the moment %s, in whatever zone the processes are', async (text) => {
      const moment = new Date(text);
      expect(await roundTrip('DATETIME(3)', moment)).toEqual(moment);
      expect(await roundTrip('TIMESTAMP(3)', moment)).toEqual(moment);
    });
    it('keep moments in UTC: what the database reads off them is UTC, too', async () => {
      const name = sql.identifier(table());
      await db().execute(`create table ${name.text} (at DATETIME)`);
      await db().sql`insert into ${name} (at) values (${new Date('2024-01-02T03:04:05Z')})`;
      const row = await db().sql<{ text: string }>`select cast(at as char(19)) as text from ${name}`.first();
      expect(row?.text).toBe('2024-01-02 03:04:05');
      expect(await db().sql`select at from ${name} where at = ${new Date('2024-01-02T03:04:05Z')}`).toHaveLength(1);
    });
    it.each<DbParameter>([
      { a: [1, null, { b: '𝄞' }], c: true },
      [],
      {},
      [1.5, -2e10],
      { text: 'it\'s "quoted" \\ \u0000' },
      { id: 9007199254740993n, list: [-9007199254740995n] },
    ])('keep JSON: %o', async (value) => {
      expect(await roundTrip('JSON', value)).toEqual(value);
    });
    it.each([true, 'text', 5, null, { a: 1 }])('keep any JSON by sql.json: %j', async (value) => {
      expect(await roundTrip('JSON', sql.json(value))).toEqual(value);
    });
    it('keep every byte of a BLOB', async () => {
      const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));
      expect(await roundTrip('BLOB', bytes)).toEqual(bytes);
      expect(await roundTrip('VARBINARY(300)', new Uint8Array(bytes))).toEqual(bytes);
    });
    it.each(UTF8_EDGES)('keep text at the edges of UTF-8: %j', async (text) => {
      expect(await roundTrip(isMysql ? 'VARCHAR(50) CHARACTER SET utf8mb4' : 'VARCHAR(50)', text)).toBe(text);
    });
    // MariaDB takes packets of 16 MiB (max_allowed_packet), so its largest value is somewhat smaller.
    it.each([0, 1, 64 * KIB, isMysql ? 15 * KIB * KIB : 16 * KIB * KIB])(
      'of %i bytes come back whole',
      async (size) => {
        const bytes = randomBytes(size);
        const digest = (value: unknown): string =>
          createHash('sha1')
            .update(value as Buffer)
            .digest('hex');
        expect(digest(await roundTrip(isMysql ? 'LONGBLOB' : 'BLOB', bytes))).toBe(digest(bytes));
        const text = '€'.repeat(size / 3);
        expect((await roundTrip(isMysql ? 'LONGTEXT CHARACTER SET utf8mb4' : 'TEXT', text)) === text).toBe(true);
      },
    );
    it.each<[string, unknown]>([
      ['undefined', undefined],
      ['NaN', Number.NaN],
      ['Infinity', Number.POSITIVE_INFINITY],
      ['half of a surrogate pair', '\ud83d'],
      ['an invalid Date', new Date(Number.NaN)],
      ['a Date of the year 10000', new Date(Date.UTC(10_000, 0))],
      ['a Date before the year 0', new Date(Date.UTC(-1, 0))],
      ['a function', () => 1],
      ['a promise', Promise.resolve(1)],
      ['a Map', new Map()],
      ['a symbol', Symbol('s')],
    ])('are refused when the database has none: %s', async (_name, value) => {
      expect(() => db().sql`select ${value as DbParameter}`).toThrow(expect.objectContaining({ reason: 'bad-value' }));
      await expect(db().execute('select ?', [value as DbParameter])).rejects.toMatchObject({ reason: 'bad-value' });
    });
    it('of a list stand in it by its helper alone', async () => {
      const list = [1, 2] as unknown as DbParameter;
      for (const found of [
        () => db().sql`select 1 where 1 in (${list})`,
        () => db().sql`select 1 where 1 IN ( ${list} )`,
      ])
        expect(found).toThrow(expect.objectContaining({ reason: 'bad-value' }));
      expect(await db().sql`select 1 as one where 1 in ${db().sql.list([1, 2])}`).toHaveLength(1);
    });
    it('name the types of their columns', async () => {
      const name = sql.identifier(table());
      await db().execute(`create table ${name.text} (a BIGINT, b DECIMAL(5,1), c DATETIME, d JSON, e BLOB, f TEXT)`);
      const { columns } = await db().sql`select * from ${name}`.result();
      expect(columns).toEqual([
        { name: 'a', type: 'bigint' },
        { name: 'b', type: 'decimal' },
        { name: 'c', type: 'datetime' },
        { name: 'd', type: 'json' },
        { name: 'e', type: 'blob' },
        { name: 'f', type: 'text' },
      ]);
    });
  });
}
