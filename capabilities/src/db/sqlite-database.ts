import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BottleError, Code, FairTurns, type SqlResult, type SqlStatement } from '@bottle/protos';
import type { BeginOptions, DatabaseDriver, DatabaseTransaction, RunOptions } from './database-port.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { createSqliteTransaction } from './sqlite-transaction.ts';
import { WriteQueue } from './write-queue.ts';

/** Streams and read-only transactions at a time: each reads its own snapshot on a connection of its own. */
const MAX_READERS = 64;
/** Connections that are kept for the next ones. */
const MAX_IDLE_READERS = 4;

export interface SqliteDatabaseOptions {
  /** ":memory:" for a database that ends with this process. */
  file: string;
  /** Most rows of an answer that does not stream. @default 10000 */
  maxRows?: number;
  /** Statements that take longer are reported. @default 500 */
  slowQueryMs?: number;
  /** Receives the text of a slow statement, never its values. */
  onSlowQuery?(query: { sql: string; ms: number }): void;
}

/**
 * A database in one SQLite file. Writes come one after the other, and are refused when they could not be done in time; reads see what is
 * committed and wait for nobody. Statements hold up this process while they run: it is meant for development, tests
 * and small data.
 */
export function createSqliteDatabase(options: SqliteDatabaseOptions): DatabaseDriver {
  const { maxRows = 10_000, slowQueryMs = 500, onSlowQuery } = options;
  // Several connections to one database in memory would lock each other out; a file in the temporary directory does not.
  const temporary = options.file === ':memory:' ? mkdtempSync(join(tmpdir(), 'bottle-db-')) : undefined;
  const file = temporary === undefined ? options.file : join(temporary, 'db.sqlite');
  mkdirSync(dirname(file), { recursive: true });
  const durable = temporary === undefined;
  const open = (readOnly: boolean): SqliteConnection => new SqliteConnection({ file, readOnly, durable });
  const writer = open(false);
  const reader = open(true);
  const idle: SqliteConnection[] = [];
  const queue = new WriteQueue();
  const turns = new FairTurns(1);
  let readers = 0;

  function takeReader(): SqliteConnection {
    if (readers >= MAX_READERS)
      throw new BottleError(
        Code.RESOURCE_EXHAUSTED,
        'pool-full',
        `${MAX_READERS} streams and transactions read already`,
      );
    readers += 1;
    return idle.pop() ?? open(true);
  }

  function giveBack(connection: SqliteConnection): void {
    readers -= 1;
    if (idle.length < MAX_IDLE_READERS && !connection.isTransaction) idle.push(connection);
    else connection.close();
  }

  function timed<Result>(sql: string, work: () => Result): Result {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      const ms = Math.round(performance.now() - startedAt);
      if (ms >= slowQueryMs) onSlowQuery?.({ sql, ms });
    }
  }

  async function exclusively<Result>(options: RunOptions, work: () => Result): Promise<Result> {
    const release = await queue.acquire(options);
    try {
      if (writer.isTransaction) writer.command('ROLLBACK');
      return work();
    } finally {
      if (writer.isTransaction) writer.command('ROLLBACK');
      release();
    }
  }

  /** In a transaction, so that nothing is done when the answer turns out to be too large. */
  function write(statement: SqlStatement): SqlResult {
    if (!/\breturning\b/i.test(statement.sql)) return writer.run(statement, maxRows);
    writer.command('BEGIN IMMEDIATE');
    const result = writer.run(statement, maxRows);
    writer.command('COMMIT');
    return result;
  }

  async function execute(statement: SqlStatement, options: RunOptions): Promise<SqlResult> {
    const { sql } = statement;
    const { readOnly } = options;
    if (readOnly || looksLikeRead(sql)) {
      try {
        return timed(sql, () => reader.run(statement, maxRows));
      } catch (error) {
        if (readOnly || !isRefusedWrite(error)) throw error;
      }
    }
    return exclusively(options, () => timed(sql, () => write(statement)));
  }

  async function* query(statement: SqlStatement, options: RunOptions): AsyncGenerator<SqlResult> {
    if (!options.readOnly && !looksLikeRead(statement.sql)) {
      yield await execute(statement, options);
      return;
    }
    const connection = takeReader();
    const parts = connection.stream(statement);
    try {
      for (const part of parts) {
        if (options.signal.aborted) throw options.signal.reason;
        yield part;
        await turns.wait(); // one part of one stream in each turn: all others come in between
      }
    } finally {
      parts.return(undefined);
      giveBack(connection);
    }
  }

  async function begin(options: BeginOptions): Promise<DatabaseTransaction> {
    if (options.readOnly) {
      const connection = takeReader();
      connection.command('BEGIN');
      return createSqliteTransaction({ connection, maxRows, onClose: () => giveBack(connection) });
    }
    const release = await queue.acquire(options);
    try {
      if (writer.isTransaction) writer.command('ROLLBACK');
      writer.command('BEGIN IMMEDIATE');
    } catch (error) {
      release();
      throw error;
    }
    return createSqliteTransaction({ connection: writer, maxRows, onClose: release });
  }

  return {
    problem: undefined,
    ping: async () => void reader.run({ sql: 'select 1', parameters: [], readOnly: true }, 1),
    execute,
    query,
    begin,
    async batch(sql, rows, options) {
      if (options.readOnly) throw new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a batch writes');
      return exclusively(options, () =>
        timed(sql, () => {
          writer.command('BEGIN IMMEDIATE');
          const result = writer.runMany(sql, rows);
          writer.command('COMMIT');
          return result;
        }),
      );
    },
    async close() {
      for (const connection of [writer, reader, ...idle]) connection.close();
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

function looksLikeRead(sql: string): boolean {
  return /^[\s(]*(select|with|values|explain|pragma)\b/i.test(sql);
}

function isRefusedWrite(error: unknown): boolean {
  return error instanceof BottleError && error.reason === 'read-only';
}
