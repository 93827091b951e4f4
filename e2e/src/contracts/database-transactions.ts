import { sql, type SqlFragment, type Transaction } from 'bottle-sdk';
import { describe, expect, it } from 'vitest';
import { countOf, type DatabaseUnderTest } from './database-contract.ts';

/** Two accounts of 100 and 0, and money between them. */
export function bankOf({ db, table }: DatabaseUnderTest) {
  const accounts = async (): Promise<SqlFragment> => {
    const name = sql.identifier(table());
    await db().execute(`create table ${name.text} (id bigint primary key, balance bigint not null)`);
    await db().sql`insert into ${name} (id, balance) values (1, 100), (2, 0)`;
    return name;
  };
  const balances = async (name: SqlFragment): Promise<number[]> =>
    (await db().sql<{ balance: number }>`select balance from ${name} order by id`).map(({ balance }) => balance);
  const move = async (tx: Transaction, name: SqlFragment, amount: number): Promise<void> => {
    await tx.sql`update ${name} set balance = balance - ${amount} where id = 1`;
    await tx.sql`update ${name} set balance = balance + ${amount} where id = 2`;
  };
  return { accounts, balances, move };
}

/** Statements that belong together. */
export function describeTransactions(subject: DatabaseUnderTest): void {
  const { db, table } = subject;
  const { accounts, balances, move } = bankOf(subject);

  describe('transactions', () => {
    it('are durable when they return, and return what the work returns', async () => {
      const name = await accounts();
      expect(
        await db().transaction(async (tx) => {
          await move(tx, name, 30);
          return 'moved';
        }),
      ).toBe('moved');
      expect(await balances(name)).toEqual([70, 30]);
    });
    it('are undone by an error, which is thrown on', async () => {
      const name = await accounts();
      const failing = db().transaction(async (tx) => {
        await move(tx, name, 30);
        throw new TypeError('mine');
      });
      await expect(failing).rejects.toThrow(TypeError);
      expect(await balances(name)).toEqual([100, 0]);
    });
    it('are seen by nobody before they are durable', async () => {
      const name = await accounts();
      await db().transaction(async (tx) => {
        await move(tx, name, 30);
        expect(await balances(name)).toEqual([100, 0]);
        expect(await tx.sql`select balance from ${name} where id = 2`.first()).toEqual({ balance: 30 });
      });
      expect(await balances(name)).toEqual([70, 30]);
    });
    it('go on after a statement that failed', async () => {
      const name = await accounts();
      await db().transaction(async (tx) => {
        await expect(tx.sql`insert into ${name} (id, balance) values (1, 5)`.first()).rejects.toMatchObject({
          code: 'ALREADY_EXISTS',
          details: { resource: 'db.contract', operation: 'transaction' },
        });
        await move(tx, name, 1);
      });
      expect(await balances(name)).toEqual([99, 1]);
    });
    it('undo a part of them that fails, and keep the rest', async () => {
      const name = await accounts();
      await db().transaction(async (tx) => {
        await move(tx, name, 10);
        const part = tx.savepoint(async () => {
          await move(tx, name, 50);
          await tx.savepoint(() => move(tx, name, 20));
          throw new Error('part');
        });
        await expect(part).rejects.toThrow('part');
        expect(await tx.savepoint(async () => 'kept')).toBe('kept');
      });
      expect(await balances(name)).toEqual([90, 10]);
    });
    it('run steps in order that nobody awaited', async () => {
      const name = await accounts();
      await db().transaction(async (tx) => {
        await Promise.all(Array.from({ length: 20 }, () => move(tx, name, 1)));
      });
      expect(await balances(name)).toEqual([80, 20]);
    });
    it('stream rows, and go on when the loop is left', async () => {
      const name = table();
      await db().execute(`create table ${name} (a bigint)`);
      await db().transaction(async (tx) => {
        await tx.insertMany(
          name,
          Array.from({ length: 7_000 }, (_, a) => ({ a })),
        );
        expect(await countOf(tx.stream(`select a from ${name}`))).toBe(7_000);
        expect(await countOf(tx.stream(`select a from ${name}`), 1)).toBe(1);
        await tx.execute(`delete from ${name} where a > ?`, [9]);
      });
      expect((await db().execute(`select a from ${name}`)).rows).toHaveLength(10);
    });
    it('take no further statements when they are over', async () => {
      const name = await accounts();
      const escaped = await db().transaction(async (tx) => tx);
      await expect(escaped.sql`delete from ${name}`.first()).rejects.toMatchObject({ reason: 'transaction-over' });
      await expect(escaped.commit()).rejects.toMatchObject({ reason: 'transaction-over' });
      await escaped.rollback();
      expect(await balances(name)).toEqual([100, 0]);
    });
    it('are rolled back at the end of their block when nobody committed', async () => {
      const name = await accounts();
      {
        await using tx = await db().begin();
        await move(tx, name, 10);
      }
      expect(await balances(name)).toEqual([100, 0]);
      {
        await using tx = await db().begin();
        await move(tx, name, 10);
        await tx.commit();
      }
      expect(await balances(name)).toEqual([90, 10]);
    });
    it('are rolled back when their signal aborts, and hold up nobody then', async () => {
      const name = await accounts();
      const controller = new AbortController();
      const abandoned = db().transaction(
        async (tx) => {
          await move(tx, name, 40);
          controller.abort();
          await tx.sql`select 1`;
        },
        { signal: controller.signal },
      );
      await expect(abandoned).rejects.toMatchObject({ code: 'CANCELLED' });
      await db().sql`update ${name} set balance = balance + 1`;
      expect(await balances(name)).toEqual([101, 1]);
    });
    it('that conflict lose no update', async () => {
      const name = await accounts();
      const one = () =>
        db().transaction(
          async (tx) => {
            const row = await tx.sql<{ balance: number }>`select balance from ${name} where id = 1`.first();
            await tx.sql`update ${name} set balance = ${(row?.balance ?? 0) - 1} where id = 1`;
            await tx.sql`update ${name} set balance = balance + 1 where id = 2`;
          },
          { isolation: 'serializable' },
        );
      const results: PromiseSettledResult<void>[] = [];
      for (let turn = 0; turn < 5; turn++) results.push(...(await Promise.allSettled(Array.from({ length: 10 }, one))));
      const failures = results.filter((result) => result.status === 'rejected');
      for (const { reason } of failures) expect(reason).toMatchObject({ code: 'ABORTED', retryable: true });
      const moved = results.length - failures.length;
      expect(await balances(name)).toEqual([100 - moved, moved]);
      expect(moved).toBeGreaterThan(0);
    });
    it.each(['read-uncommitted', 'read-committed', 'repeatable-read', 'serializable'] as const)(
      'have the isolation level %s',
      async (isolation) => {
        const name = await accounts();
        await db().transaction((tx) => move(tx, name, 5), { isolation });
        expect(await balances(name)).toEqual([95, 5]);
      },
    );
    it('read one state of the data when they only read', async () => {
      const name = await accounts();
      await db().transaction(
        async (tx) => {
          const read = (): Promise<unknown> => tx.sql`select sum(balance) as total from ${name}`.first();
          const before = await read();
          await db().sql`update ${name} set balance = balance + 1000`;
          expect(await read()).toEqual(before);
        },
        { readOnly: true, isolation: 'repeatable-read' },
      );
      expect(await balances(name)).toEqual([1100, 1000]);
    });
    it('are many at a time, and every one is whole', async () => {
      const name = await accounts();
      await Promise.allSettled(
        Array.from({ length: 50 }, (_, at) =>
          db().transaction(async (tx) => {
            await move(tx, name, 1);
            if (at % 2 === 0) throw new Error('undo');
          }),
        ),
      );
      const [first = 0, second = 0] = await balances(name);
      expect(first + second).toBe(100);
      expect(second).toBe(25);
    });
  });
}
