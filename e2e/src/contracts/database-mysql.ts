import { describe, expect, it } from 'vitest';
import type { DbParameter } from 'bottle-sdk';
import type { DatabaseUnderTest } from './database-contract.ts';
import { bankOf } from './database-transactions.ts';
import { roundTripOf } from './database-values.ts';

const MIB = 1024 * 1024;

/** What only MySQL has. */
export function describeMysql(subject: DatabaseUnderTest): void {
  const { db, table } = subject;
  const { accounts, balances, move } = bankOf(subject);
  const roundTrip = (type: string, value: DbParameter): Promise<unknown> => roundTripOf(subject, type, value);

  describe('values of MySQL', () => {
    it('keep what only MySQL has: 64 unsigned bits, 65 decimal digits, JSON scalars', async () => {
      expect(await roundTrip('BIGINT UNSIGNED', 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
      const digits = `${'1234567890'.repeat(6)}.12345`;
      expect(await roundTrip('DECIMAL(65,5)', digits)).toBe(digits);
      const row = await db().sql<{ value: unknown }>`select json_extract('[1]', '$') as value`.first();
      expect(row?.value).toEqual([1]);
    });
    it('are refused when they do not fit, rather than cut', async () => {
      await expect(roundTrip('VARCHAR(3)', 'four')).rejects.toMatchObject({
        details: { driverCode: 'ER_DATA_TOO_LONG' },
      });
      await expect(roundTrip('TINYINT', 300)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(roundTrip('LONGBLOB', Buffer.alloc(17 * MIB))).rejects.toMatchObject({
        reason: 'value-too-large',
      });
    });
  });

  it('a stored function may not write either, where that is not allowed', async () => {
    const name = table();
    await db().execute(`create table ${name} (a int)`);
    await db().execute(`create function f_${name}() returns int begin insert into ${name} values (1); return 1; end`);
    await expect(db().readOnly.execute(`select f_${name}()`)).rejects.toMatchObject({ reason: 'read-only' });
    expect((await db().execute(`select * from ${name}`)).rows).toEqual([]);
  });

  describe('transactions of MySQL', () => {
    it('see what was committed meanwhile, when they are read-committed', async () => {
      const name = await accounts();
      const seen = async (isolation: 'read-committed' | 'repeatable-read' | 'read-uncommitted') =>
        db().transaction(
          async (tx) => {
            const read = () => tx.sql<{ balance: number }>`select balance from ${name} where id = 2`.first();
            const before = (await read())?.balance ?? 0;
            await db().sql`update ${name} set balance = balance + 1 where id = 2`;
            return ((await read())?.balance ?? 0) - before;
          },
          { isolation },
        );
      expect(await seen('read-committed')).toBe(1);
      expect(await seen('repeatable-read')).toBe(0);
    });
    it('that lock each other out end one of them with ER_LOCK_DEADLOCK, to be tried again', async () => {
      const name = await accounts();
      const both = Promise.withResolvers<void>();
      let ready = 0;
      const crossing = (first: number, second: number) =>
        db().transaction(async (tx) => {
          await tx.sql`update ${name} set balance = balance + 1 where id = ${first}`;
          ready += 1;
          if (ready === 2) both.resolve();
          await both.promise;
          await tx.sql`update ${name} set balance = balance + 1 where id = ${second}`;
        });
      const results = await Promise.allSettled([crossing(1, 2), crossing(2, 1)]);
      const failures = results.filter(({ status }) => status === 'rejected');
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({
        reason: { code: 'ABORTED', retryable: true, details: { driverCode: 'ER_LOCK_DEADLOCK' } },
      });
      expect(await balances(name)).toEqual([101, 1]);
    });
    it('notice a statement that commits', async () => {
      const name = await accounts();
      const ended = db().transaction(async (tx) => {
        await move(tx, name, 10);
        await tx.execute(`create table ${table()} (a bigint)`);
      });
      await expect(ended).rejects.toMatchObject({ reason: 'transaction-over' });
    });
    it('notice a statement that commits and then fails, and take nothing after it', async () => {
      const name = await accounts();
      const ended = db().transaction(async (tx) => {
        await move(tx, name, 10);
        await tx.execute(`create table ${name.text} (a bigint)`).catch(() => {});
        await move(tx, name, 10);
      });
      await expect(ended).rejects.toMatchObject({ reason: 'transaction-over' });
      expect(await balances(name)).toEqual([90, 10]);
    });
    it('name what has failed when it has committed the rest, and do not say that nothing was done', async () => {
      const name = await accounts();
      const ended = db().transaction(async (tx) => {
        await move(tx, name, 10);
        await tx.execute(`create table ${name.text} (a bigint)`);
      });
      await expect(ended).rejects.toMatchObject({
        reason: 'transaction-over',
        outcome: 'unknown',
        details: { driverCode: 'ER_TABLE_EXISTS_ERROR' },
      });
    });
  });
}
