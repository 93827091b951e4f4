import { BottleError, Code, type SqlResult, type SqlStatement, type SqlValue } from '@bottle/protos';
import type { DatabaseTransaction } from './database-port.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

export interface SqliteTransactionOptions {
  /** In a transaction already. */
  connection: SqliteConnection;
  maxRows: number;
  /** Gives the connection back. */
  onClose(): void;
}

/** A transaction of SQLite: always serializable. */
export function createSqliteTransaction({
  connection,
  maxRows,
  onClose,
}: SqliteTransactionOptions): DatabaseTransaction {
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    onClose();
  };
  /** A statement may have ended the transaction: by an error that SQLite does not go on after, or by its own text. */
  const within = <Result>(work: () => Result): Result => {
    if (closed) throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', 'the transaction is over');
    let result: Result;
    try {
      result = work();
    } catch (error) {
      if (!connection.isTransaction) close();
      throw error;
    }
    if (connection.isTransaction) return result;
    close();
    const message = 'the statement ended the transaction: commit and roll back by its methods';
    throw new BottleError(Code.FAILED_PRECONDITION, 'transaction-over', message);
  };
  const end = async (command: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    within(() => {});
    try {
      connection.command(command);
    } finally {
      if (!connection.isTransaction) close();
    }
  };
  return {
    get closed() {
      return closed;
    },
    execute: async (statement) => within(() => connection.run(statement, maxRows)),
    batch: async (sql, rows: readonly (readonly SqlValue[])[]) =>
      within(() => atomically(connection, () => connection.runMany(sql, rows))),
    query: (statement) => parts(connection, statement, within),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
    savepoint: async (name) => within(() => connection.command(`SAVEPOINT \`${name}\``)),
    rollbackTo: async (name) => within(() => connection.command(`ROLLBACK TO \`${name}\``)),
    release: async (name) => within(() => connection.command(`RELEASE \`${name}\``)),
    async abandon() {
      if (closed) return;
      try {
        if (connection.isTransaction) connection.command('ROLLBACK');
      } catch {
        // whoever gets the connection next finds it in a transaction, and rolls back or closes it
      } finally {
        close();
      }
    },
  };
}

async function* parts(
  connection: SqliteConnection,
  statement: SqlStatement,
  within: <Result>(work: () => Result) => Result,
): AsyncGenerator<SqlResult> {
  const stream = connection.stream(statement);
  try {
    for (;;) {
      const { value, done } = within(() => stream.next());
      if (done) return;
      yield value;
    }
  } finally {
    stream.return(undefined);
  }
}

/** All or none of a batch inside a transaction that goes on. */
function atomically<Result>(connection: SqliteConnection, work: () => Result): Result {
  connection.command('SAVEPOINT bottle_batch');
  try {
    const result = work();
    connection.command('RELEASE bottle_batch');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.command('ROLLBACK TO bottle_batch; RELEASE bottle_batch');
    throw error;
  }
}
