import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BottleError, Code, type SqlResult } from '@bottle/protos/database';
import { SqliteConnection, type SqliteFileOptions } from './sqlite-connection.ts';
import type { SqliteOrder, SqliteReply } from './sqlite-orders.ts';
import { rolledBack } from './statement-errors.ts';

interface Served {
  connection: SqliteConnection;
  parts?: Iterator<SqlResult> | undefined;
}

/** Connections to one file, opened when they are first asked for something. All they do is done when `serve` returns. */
export class SqliteConnections {
  readonly #options: SqliteFileOptions;
  readonly #served = new Map<number, Served>();

  constructor(options: SqliteFileOptions) {
    this.#options = options;
  }

  /** Never throws. */
  serve(id: number, order: SqliteOrder): SqliteReply {
    const startedAt = performance.now();
    let served: Served | undefined;
    let done: Pick<SqliteReply, 'result' | 'isLast' | 'error'>;
    try {
      served = this.#find(id);
      done = { isLast: true, ...serve(served, order) };
      if (order.do === 'close') this.#served.delete(id);
    } catch (error) {
      done = { isLast: true, error: BottleError.from(error) };
    }
    const isTransaction = served?.connection.isTransaction ?? false;
    return { ...done, isTransaction, ms: performance.now() - startedAt };
  }

  close(): void {
    for (const { connection } of this.#served.values()) connection.close();
    this.#served.clear();
  }

  #find(id: number): Served {
    let served = this.#served.get(id);
    if (!served) {
      if (!this.#options.readOnly) makeFolder(this.#options.file);
      served = { connection: new SqliteConnection(this.#options) };
      this.#served.set(id, served);
    }
    return served;
  }
}

function serve(served: Served, order: SqliteOrder): Partial<Pick<SqliteReply, 'result' | 'isLast'>> {
  const { connection } = served;
  switch (order.do) {
    case 'open':
      return {};
    case 'command':
      connection.command(order.sql);
      return {};
    case 'run':
      return { result: connection.run(order.statement, order.maxRows) };
    case 'write':
      return { result: write(connection, order) };
    case 'batch': {
      const run = (): SqlResult => connection.runMany(order.sql, order.rows);
      return { result: order.isWithin ? atomically(connection, run) : inTransaction(connection, run) };
    }
    case 'stream':
      served.parts = connection.stream(order.statement);
      return nextPart(served);
    case 'next':
      return nextPart(served);
    case 'leave':
      served.parts?.return?.();
      served.parts = undefined;
      return {};
    case 'close':
      connection.close();
      return {};
  }
}

function nextPart(served: Served): Partial<Pick<SqliteReply, 'result' | 'isLast'>> {
  const { value, done } = served.parts?.next() ?? { done: true };
  if (!done) return { result: value, isLast: false };
  served.parts = undefined;
  return {};
}

function write(connection: SqliteConnection, { statement, maxRows }: SqliteOrder & { do: 'write' }): SqlResult {
  const run = (): SqlResult => connection.run(statement, maxRows);
  return /\breturning\b/i.test(statement.sql) ? inTransaction(connection, run) : run();
}

function inTransaction<Result>(connection: SqliteConnection, work: () => Result): Result {
  connection.command('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.command('COMMIT');
    return result;
  } catch (error) {
    throw rolledBack(error); // also an answer that is too large
  } finally {
    if (connection.isTransaction) connection.command('ROLLBACK');
  }
}

/** All or none inside a transaction that goes on. */
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

function makeFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new BottleError(Code.UNAVAILABLE, 'driver-error', (error as Error).message, { cause: error });
  }
}
