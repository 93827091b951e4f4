import { describe, expect, it } from 'vitest';
import type { DatabaseUnderTest } from './database-contract.ts';
import { bankOf } from './database-transactions.ts';
import { roundTripOf } from './database-values.ts';

/** What is different in SQLite. */
export function describeSqlite(subject: DatabaseUnderTest): void {
  const { db } = subject;
  const { accounts, balances } = bankOf(subject);

  describe('SQLite', () => {
    it('refuses integers beyond 64 signed bits', async () => {
      await expect(roundTripOf(subject, 'BIGINT', 2n ** 63n)).rejects.toMatchObject({ reason: 'bad-value' });
    });
    it.each(['2024-01-02 03:04:05.000100', '2024-02-30 00:00:00', '0000-00-00'])(
      'leaves as text what is no Date: %s',
      async (text) => {
        expect(await roundTripOf(subject, 'DATETIME', text)).toBe(text);
      },
    );
    it('lets transactions that write wait for one another until their deadline', async () => {
      const name = await accounts();
      await db().transaction(async () => {
        const late = db().with({ timeoutMs: 100 }).execute(`update ${name.text} set balance = 0`);
        // Before the deadline, unless the processes have too much to do for that.
        await expect(late).rejects.toMatchObject({
          reason: expect.stringMatching(/^(overloaded|deadline)$/) as string,
        });
        expect(await balances(name)).toEqual([100, 0]);
      });
      await db().execute(`update ${name.text} set balance = 1`);
      expect(await balances(name)).toEqual([1, 1]);
    });
    it('opens no other files, and keeps its settings', async () => {
      for (const text of [
        "attach database '/tmp/other.sqlite' as other",
        "vacuum into '/tmp/copy.sqlite'",
        'pragma journal_mode = delete',
      ])
        await expect(db().execute(text)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    });
  });
}
