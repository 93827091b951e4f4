import { BottleError, Code } from '@bottle/protos';
import { type DatabaseTransaction, NO_RESULT, type SqlOutcome } from './database-port.ts';
import type { SqliteOrder, SqliteSession } from './sqlite-orders.ts';
import { commitUnknown } from './statement-errors.ts';
import { toBound, toBoundRow } from './sqlite-values.ts';

export interface SqliteTransactionOptions {
  /** In a transaction already. */
  session: SqliteSession;
  maxRows: number;
  /** Gives the session back. */
  onClose(): void;
}

/** A transaction of SQLite: always serializable. */
export function createSqliteTransaction({ session, maxRows, onClose }: SqliteTransactionOptions): DatabaseTransaction {
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    onClose();
  };
  /** A step may have ended the transaction: by an error that SQLite does not go on after, or by its own text. */
  const within = async <Result>(step: () => Promise<Result>): Promise<Result> => {
    if (closed) throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', 'the transaction is over');
    let result: Result;
    try {
      result = await step();
    } catch (error) {
      if (!session.isTransaction) close();
      throw error;
    }
    if (session.isTransaction) return result;
    close();
    const message = 'the statement ended the transaction: commit and roll back by its methods';
    throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', message, { details: { outcome: 'unknown' } });
  };
  const ask = (order: SqliteOrder, signal?: AbortSignal): Promise<SqlOutcome> =>
    within(async () => (await session.ask(order, signal)).result ?? NO_RESULT);
  const command = async (sql: string): Promise<void> => void (await ask({ do: 'command', sql }));
  const end = async (sql: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    await within(async () => {});
    try {
      await session.ask({ do: 'command', sql });
    } catch (error) {
      throw sql === 'COMMIT' && isLost(error) ? commitUnknown(error) : error;
    } finally {
      if (!session.isTransaction) close();
    }
  };
  return {
    get closed() {
      return closed;
    },
    execute: async (statement, { signal }) => ask({ do: 'run', statement: toBound(statement), maxRows }, signal),
    batch: async (sql, rows, { signal }) =>
      ask({ do: 'batch', sql, rows: rows.map(toBoundRow), isWithin: true }, signal),
    async *query(statement, { signal }) {
      const parts = session.stream(toBound(statement), signal);
      try {
        for (;;) {
          const { value, done } = await within(() => parts.next());
          if (done) return;
          yield value;
        }
      } finally {
        await parts.return(undefined);
      }
    },
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
    savepoint: (name) => command(`SAVEPOINT \`${name}\``),
    rollbackTo: (name) => command(`ROLLBACK TO \`${name}\``),
    release: (name) => command(`RELEASE \`${name}\``),
    async abandon() {
      if (closed) return;
      try {
        // Behind the step that is under way; when that takes long, its process ends, and the transaction with it.
        if (session.isTransaction) await session.ask({ do: 'command', sql: 'ROLLBACK' }, AbortSignal.abort());
      } catch {
        // whoever gets the session next finds it in a transaction, and rolls back or closes it
      } finally {
        close();
      }
    },
  };
}

function isLost(error: unknown): boolean {
  return error instanceof BottleError && error.reason === 'connection-lost';
}
