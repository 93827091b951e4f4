import type { EncodedSqlResult, SqlIsolation, SqlResult, SqlStatement, SqlValue } from '@bottle/protos';
import type { Driver } from '../capability.ts';

/** Most bytes of an answer that does not stream: it travels as one message. */
export const MAX_RESULT_BYTES: number = 32 * 1024 * 1024;

/** Of what answers neither rows nor counts. */
export const NO_RESULT: SqlResult = { columns: [], rows: [], affectedRows: 0, insertId: 0 };

/** What a statement is allowed, and until when somebody waits for it. */
export interface RunOptions {
  /** Refused by the database itself when it would change anything. */
  readOnly: boolean;
  signal: AbortSignal;
  /** Milliseconds that the caller still waits; 0 when it did not say. */
  timeoutMs: number;
  /** Whose work it is; empty or undefined outside of invocations. */
  invocationId?: string;
}

/** `EncodedSqlResult`: of a driver whose own process encodes. */
export type SqlOutcome = SqlResult | EncodedSqlResult;

/** Runs statements: a database, or a transaction. All methods throw BottleError. */
interface StatementRunner {
  /** Throws `result-too-large` beyond the resource's maxRows. */
  execute(statement: SqlStatement, options: RunOptions): Promise<SqlOutcome>;
  /** One statement once for each row, all or none. The insert id is that of the first row. */
  batch(sql: string, rows: readonly (readonly SqlValue[])[], options: RunOptions): Promise<SqlOutcome>;
  /** The first part has the columns, the last one the counts. Read no faster than the parts are taken. */
  query(statement: SqlStatement, options: RunOptions): AsyncIterable<SqlOutcome>;
}

export interface BeginOptions extends RunOptions {
  isolation: SqlIsolation;
}

/** A connection of its own until it ends. Its methods are called one after the other. */
export interface DatabaseTransaction extends StatementRunner {
  /** It is over: committed, rolled back, or the database ended it. */
  readonly closed: boolean;
  /** Resolves when the transaction is durable. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
  savepoint(name: string): Promise<void>;
  rollbackTo(name: string): Promise<void>;
  release(name: string): Promise<void>;
  /**
   * Rolls back at once, whatever is under way, and gives the connection back or away. Never rejects; does nothing when
   * the transaction is over.
   */
  abandon(): Promise<void>;
}

/** A relational database. */
export interface DatabaseDriver extends Driver, StatementRunner {
  begin(options: BeginOptions): Promise<DatabaseTransaction>;
}
