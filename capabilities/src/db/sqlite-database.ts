import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BottleError, Code, type SqlStatement } from '@bottle/protos';
import {
  type BeginOptions,
  type DatabaseDriver,
  type DatabaseTransaction,
  NO_RESULT,
  type RunOptions,
  type SqlOutcome,
} from './database-port.ts';
import type { SqliteFileOptions } from './sqlite-connection.ts';
import { createLocalSqlite } from './sqlite-local-host.ts';
import { type SqliteHost, type SqliteOrder, type SqliteReply, SqliteSession } from './sqlite-orders.ts';
import { SqliteProcess } from './sqlite-process-host.ts';
import { SqliteReaders } from './sqlite-readers.ts';
import { createSqliteTransaction } from './sqlite-transaction.ts';
import { toBound, toBoundRow } from './sqlite-values.ts';
import { WriteQueue } from './write-queue.ts';

export interface SqliteDatabaseOptions {
  /** ":memory:" for a database that ends with this process. */
  file: string;
  /**
   * Statements run in processes of their own, which end what nobody waits for any more; otherwise this one stands still while
   * they run. @default false
   */
  hasProcesses?: boolean;
  /** Most rows of an answer that does not stream. @default 10000 */
  maxRows?: number;
  /** Statements that take longer are reported. @default 500 */
  slowQueryMs?: number;
  /** Receives the text of a slow statement, never its values. */
  onSlowQuery?(query: { sql: string; ms: number }): void;
}

/**
 * A database in one SQLite file. Writes come one after the other, and are refused when they could not be done in time; reads
 * see what is committed and wait for nobody.
 */
export function createSqliteDatabase(options: SqliteDatabaseOptions): DatabaseDriver {
  const { maxRows = 10_000, slowQueryMs = 500, onSlowQuery, hasProcesses = false } = options;
  // Several connections to one database in memory would lock each other out; a file in the temporary directory does not.
  const temporary = options.file === ':memory:' ? mkdtempSync(join(tmpdir(), 'bottle-db-')) : undefined;
  const file = temporary === undefined ? options.file : join(temporary, 'db.sqlite');
  const start = (readOnly: boolean): SqliteHost => {
    const opened: SqliteFileOptions = { file, readOnly, durable: temporary === undefined };
    return hasProcesses ? new SqliteProcess(opened) : createLocalSqlite(opened);
  };
  const readers = new SqliteReaders(() => start(true));
  const queue = new WriteQueue();
  let writer: SqliteSession | undefined;
  let opening: Promise<void> | undefined;
  let problem: string | undefined;

  /** The one that writes, in a new process when the last one has ended. */
  function writing(): SqliteSession {
    if (!writer || writer.host.isOver) writer = new SqliteSession(start(false), 0);
    return writer;
  }

  /** Resolves when the file is there. What was in the way may be gone by the next call. */
  function opened(): Promise<void> {
    opening ??= open();
    return opening;
  }

  async function open(): Promise<void> {
    try {
      await writing().ask({ do: 'open' });
      problem = undefined;
    } catch (error) {
      opening = undefined;
      problem = (error as Error).message;
      throw error;
    }
  }

  opened().catch(() => {}); // early, so that a problem shows before somebody asks

  function timed(sql: string, { ms }: SqliteReply): void {
    if (ms >= slowQueryMs) onSlowQuery?.({ sql, ms: Math.round(ms) });
  }

  async function read(statement: SqlStatement, signal: AbortSignal): Promise<SqlOutcome> {
    await opened();
    const reply = await readers.read({ do: 'run', statement: toBound(statement), maxRows }, signal);
    timed(statement.sql, reply);
    if (reply.error) throw reply.error;
    return reply.result ?? NO_RESULT;
  }

  async function write(order: SqliteOrder, sql: string, options: RunOptions): Promise<SqlOutcome> {
    await opened();
    const release = await queue.acquire(options);
    try {
      const session = writing();
      await rollBack(session);
      const reply = await session.ask(order, options.signal);
      timed(sql, reply);
      return reply.result ?? NO_RESULT;
    } finally {
      release();
    }
  }

  async function execute(statement: SqlStatement, options: RunOptions): Promise<SqlOutcome> {
    const { readOnly, signal } = options;
    if (readOnly || looksLikeRead(statement.sql)) {
      try {
        return await read(statement, signal);
      } catch (error) {
        if (readOnly || !isRefusedWrite(error)) throw error;
      }
    }
    return write({ do: 'write', statement: toBound(statement), maxRows }, statement.sql, options);
  }

  async function* query(statement: SqlStatement, options: RunOptions): AsyncGenerator<SqlOutcome> {
    if (!options.readOnly && !looksLikeRead(statement.sql)) {
      yield await execute(statement, options);
      return;
    }
    await opened();
    const { session, release } = readers.session();
    try {
      yield* session.stream(toBound(statement), options.signal);
    } finally {
      release();
    }
  }

  async function begin(options: BeginOptions): Promise<DatabaseTransaction> {
    await opened();
    const { signal } = options;
    if (options.readOnly) {
      const { session, release } = readers.session();
      return started({ session, command: 'BEGIN', signal, onClose: release });
    }
    const release = await queue.acquire(options);
    const session = writing();
    return started({ session, command: 'BEGIN IMMEDIATE', signal, onClose: release });
  }

  async function started({ session, command, signal, onClose }: Starting): Promise<DatabaseTransaction> {
    try {
      await rollBack(session);
      await session.ask({ do: 'command', sql: command }, signal);
    } catch (error) {
      onClose();
      throw error;
    }
    return createSqliteTransaction({ session, maxRows, onClose });
  }

  return {
    get problem() {
      return problem;
    },
    ping: async () => void (await read({ sql: 'select 1', parameters: [], readOnly: true }, NEVER)),
    execute,
    query,
    begin,
    async batch(sql, rows, options) {
      if (options.readOnly) throw new BottleError(Code.FAILED_PRECONDITION, 'read-only', 'a batch writes');
      return write({ do: 'batch', sql, rows: rows.map(toBoundRow), isWithin: false }, sql, options);
    },
    async close() {
      await Promise.all([writer?.host.close(), readers.close()]);
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
  };
}

interface Starting {
  session: SqliteSession;
  command: string;
  signal: AbortSignal;
  /** Gives the session back. */
  onClose(): void;
}

const NEVER: AbortSignal = new AbortController().signal;

/** Of whoever left it in the middle. */
async function rollBack(session: SqliteSession): Promise<void> {
  if (session.isTransaction) await session.ask({ do: 'command', sql: 'ROLLBACK' });
}

function looksLikeRead(sql: string): boolean {
  return /^[\s(]*(select|with|values|explain|pragma)\b/i.test(sql);
}

function isRefusedWrite(error: unknown): boolean {
  return error instanceof BottleError && error.reason === 'read-only';
}
