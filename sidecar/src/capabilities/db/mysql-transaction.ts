import { commitUnknown, type DatabaseTransaction } from '@bottle/capabilities';
import { BottleError, Code, type SqlIsolation } from '@bottle/protos';
import { runBatch } from './mysql-batch.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { isRolledBack } from './mysql-errors.ts';
import { collect, streamParts } from './mysql-run.ts';
import type { MysqlServer } from './mysql-server.ts';

/** How long a rollback may take before the connection is thrown away instead. */
const ROLLBACK_TIMEOUT_MS = 1_000;

const LEVELS: Readonly<Record<SqlIsolation, string | undefined>> = {
  DB_ISOLATION_DEFAULT: undefined,
  DB_ISOLATION_READ_UNCOMMITTED: 'READ UNCOMMITTED',
  DB_ISOLATION_READ_COMMITTED: 'READ COMMITTED',
  DB_ISOLATION_REPEATABLE_READ: 'REPEATABLE READ',
  DB_ISOLATION_SERIALIZABLE: 'SERIALIZABLE',
};

export interface MysqlTransactionOptions {
  server: MysqlServer;
  /** Acquired for this transaction. */
  connection: MysqlConnection;
  isolation: SqlIsolation;
  readOnly: boolean;
  maxRows: number;
  /** Around each statement: the slow-query log. */
  timed<Result>(sql: string, work: () => Promise<Result>): Promise<Result>;
}

/** Begins a transaction on a connection, which it gives back when it is over. */
export async function beginMysqlTransaction(options: MysqlTransactionOptions): Promise<DatabaseTransaction> {
  const { server, connection, isolation, readOnly, maxRows, timed } = options;
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    server.release(connection);
  };

  async function within<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closed) throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', 'the transaction is over');
    try {
      const result = await work();
      assertStillOpen();
      return result;
    } catch (thrown) {
      const error = BottleError.from(thrown);
      if (isRolledBack(error)) connection.inTransaction = false;
      if (connection.isLost || isRolledBack(error) || error.code === Code.UNAVAILABLE) close();
      else await assertGoesOn(error);
      throw error;
    }
  }

  /** Errors carry no state: one that defines data has committed before it fails, and a lock wait may have undone everything. */
  async function assertGoesOn(failure: BottleError): Promise<void> {
    if (connection.isBusy) return;
    await connection.command('DO 0').catch(() => {}); // whoever is lost then is rolled back over there
    if (connection.isLost || !connection.inTransaction) close();
    const hasChangedNothing = failure.code === Code.ABORTED || failure.reason === 'read-only';
    if (connection.isLost || connection.inTransaction || hasChangedNothing) return;
    const message = `the statement failed, and committed what was before it: ${failure.message}`;
    const details = { ...failure.details, outcome: 'unknown' };
    throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', message, { details, cause: failure });
  }

  /** A statement that defines data commits, in MySQL; and a commit may hide in a comment or a procedure. */
  function assertStillOpen(): void {
    const isSame = connection.inTransaction && (!readOnly || connection.inReadOnlyTransaction);
    if (isSame) return;
    close();
    const message = 'the statement committed the transaction: those that define data do, in MySQL';
    throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', message, { details: { outcome: 'done' } });
  }

  async function commit(): Promise<void> {
    if (closed) throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', 'the transaction is over');
    const wasLost = connection.isLost; // the server has ended it, and so the transaction, while nobody asked for anything
    try {
      await connection.command('COMMIT');
    } catch (thrown) {
      throw connection.isLost && !wasLost ? commitUnknown(thrown) : thrown;
    } finally {
      close();
    }
  }

  /** Resolves when the server has confirmed it, or the connection is gone and the server rolls back by itself. */
  async function rollback(): Promise<void> {
    const timer = setTimeout(() => {
      const message = 'the rollback was not confirmed in time';
      server.discard(connection, new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message));
    }, ROLLBACK_TIMEOUT_MS);
    try {
      await connection.command('ROLLBACK');
    } finally {
      clearTimeout(timer);
      close();
    }
  }

  const level = LEVELS[isolation];
  if (level !== undefined) await connection.command(`SET TRANSACTION ISOLATION LEVEL ${level}`);
  await connection.command(`START TRANSACTION ${readOnly ? 'READ ONLY' : 'READ WRITE'}`);

  return {
    get closed() {
      return closed;
    },
    execute: (statement) => within(() => timed(statement.sql, () => collect(connection, statement, maxRows))),
    batch: (sql, rows) =>
      within(() =>
        timed(sql, async () => {
          await connection.command('SAVEPOINT bottle_batch');
          try {
            return await runBatch(connection, sql, rows);
          } catch (error) {
            if (!connection.isLost && !isRolledBack(BottleError.from(error)))
              await connection.command('ROLLBACK TO SAVEPOINT bottle_batch');
            throw error;
          }
        }),
      ),
    async *query(statement) {
      // A loop that is left early leaves a busy connection: abandon() takes care of it.
      const parts = streamParts(connection, statement);
      for (;;) {
        const { value, done } = await within(() => parts.next());
        if (done) return;
        yield value;
      }
    },
    commit,
    rollback,
    savepoint: (name) => within(() => connection.command(`SAVEPOINT \`${name}\``)),
    rollbackTo: (name) => within(() => connection.command(`ROLLBACK TO SAVEPOINT \`${name}\``)),
    release: (name) => within(() => connection.command(`RELEASE SAVEPOINT \`${name}\``)),
    async abandon() {
      if (closed) return;
      if (connection.isBusy) {
        const message = 'the transaction was given up';
        server.discard(connection, new BottleError(Code.CANCELLED, 'cancelled', message));
        close();
      } else {
        await rollback().catch(() => {}); // the connection is gone, and the transaction with it
      }
    },
  };
}
