import { constants, DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { BottleError, Code, type SqlResult, type SqlValue } from '@bottle/protos/database';
import { MAX_RESULT_BYTES, NO_RESULT } from './database-port.ts';
import { scanSql, type ScannedSql } from './scan-sql.ts';
import { fromSqliteError } from './sqlite-errors.ts';
import type { SqliteStatement } from './sqlite-orders.ts';
import { resultTooLarge } from './statement-errors.ts';
import { readerOf, sizeOfRow, toSqlColumn } from './sqlite-values.ts';

/** Prepared statements that are kept. */
const MAX_STATEMENTS = 200;
/** How long another process may hold the file. */
const BUSY_TIMEOUT_MS = 1_000;
/** A part of a stream is closed when it has so many rows or bytes. */
const PART_ROWS = 512;
const PART_BYTES = 64 * 1024;

interface Prepared extends ScannedSql {
  statement: StatementSync;
}

export interface SqliteFileOptions {
  file: string;
  readOnly: boolean;
  /** Survives the end of the process; the loss of power may take the last transactions. */
  durable: boolean;
}

/** One connection with its prepared statements. Everything it does is done when it returns. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor({ file, readOnly, durable }: SqliteFileOptions) {
    const options = { readOnly, timeout: BUSY_TIMEOUT_MS, readBigInts: true, returnArrays: true };
    this.#database = guarded(() => new DatabaseSync(file, options));
    if (!readOnly) this.command(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'NORMAL' : 'OFF'}`);
    // Functions share the connection and see one file: they change neither its settings nor open others.
    this.#database.setAuthorizer((action, name, value) => {
      if (action === constants.SQLITE_ATTACH || action === constants.SQLITE_DETACH) return constants.SQLITE_DENY;
      const isSetting = action === constants.SQLITE_PRAGMA && value !== null && !/_(info|list|check)$/.test(name ?? '');
      return isSetting ? constants.SQLITE_DENY : constants.SQLITE_OK;
    });
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** A statement of our own, without answer. */
  command(sql: string): void {
    guarded(() => this.#database.exec(sql));
  }

  /** Throws `result-too-large` when there are more rows; what the statement changed then stays changed. */
  run({ sql, values }: SqliteStatement, maxRows: number): SqlResult {
    return guarded(() => {
      const prepared = this.#prepare(sql);
      assertCount(prepared, values);
      const { statement } = prepared;
      if (statement.columns().length === 0) return countsOf(prepared, statement.run(...values));
      const rows: SQLOutputValue[][] = [];
      for (const row of statement.iterate(...values)) {
        rows.push(row as unknown as SQLOutputValue[]);
        if (rows.length > maxRows) throw resultTooLarge(`more than ${maxRows} rows`);
      }
      const metadata = statement.columns(); // now, because the first step notices a change of the schema
      const readers = metadata.map(readerOf);
      let bytes = 0;
      const read = rows.map((row) => {
        const values = readRow(row, readers);
        bytes += sizeOfRow(values);
        if (bytes > MAX_RESULT_BYTES) throw resultTooLarge(`more than ${MAX_RESULT_BYTES} bytes`);
        return values;
      });
      const counts = CHANGES.has(prepared.verb) ? this.#lastCounts(prepared) : NO_RESULT;
      return { ...counts, columns: metadata.map(toSqlColumn), rows: read };
    });
  }

  /** One statement for each row of parameters, within a transaction of the caller's. */
  runMany(sql: string, rows: readonly (readonly SQLInputValue[])[]): SqlResult {
    return guarded(() => {
      const prepared = this.#prepare(sql);
      const total = { ...NO_RESULT };
      for (const row of rows) {
        assertCount(prepared, row);
        const { affectedRows, insertId } = countsOf(prepared, prepared.statement.run(...row));
        total.affectedRows += affectedRows;
        if (total.insertId === 0) total.insertId = insertId;
      }
      return total;
    });
  }

  /** Parts of a result set, each read when it is asked for. Nothing else may change this connection meanwhile. */
  *stream({ sql, values }: SqliteStatement): Generator<SqlResult> {
    const prepared = guarded(() => this.#parse(sql)); // not a kept one: others use those in between
    assertCount(prepared, values);
    const rows = guarded(() => prepared.statement.iterate(...values));
    try {
      let next = guarded(() => rows.next());
      const metadata = prepared.statement.columns(); // now, because the first step notices a change of the schema
      const readers = metadata.map(readerOf);
      let part: SqlResult = { ...NO_RESULT, columns: metadata.map(toSqlColumn), rows: [] };
      for (let bytes = 0; !next.done; next = guarded(() => rows.next())) {
        const row = readRow(next.value as unknown as SQLOutputValue[], readers);
        part.rows.push(row);
        bytes += sizeOfRow(row);
        if (part.rows.length < PART_ROWS && bytes < PART_BYTES) continue;
        yield part;
        part = { ...NO_RESULT, rows: [] };
        bytes = 0;
      }
      yield part;
    } finally {
      rows.return?.(); // or the connection goes on to see the data of now
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) {
      this.#statements.delete(sql); // to the end: the first ones are those used longest ago
      this.#statements.set(sql, known);
      return known;
    }
    const prepared = this.#parse(sql);
    this.#statements.set(sql, prepared);
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= MAX_STATEMENTS) break;
      this.#statements.delete(oldest);
    }
    return prepared;
  }

  #parse(sql: string): Prepared {
    const scanned = scanSql(sql);
    if (scanned.several)
      throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', 'one statement at a time: another follows ";"');
    return { ...scanned, statement: this.#prepareNew(sql) };
  }

  /** Compiling goes by the schema that this connection read last: where it fails, another process may have changed it. */
  #prepareNew(sql: string): StatementSync {
    try {
      return this.#database.prepare(sql);
    } catch {
      this.#database.exec('select 1 from sqlite_schema limit 1'); // reads the schema of now
      return this.#database.prepare(sql);
    }
  }

  /** After a statement that answered with rows: `returning`. */
  #lastCounts(prepared: Prepared): SqlResult {
    const counts = this.#prepare('select changes(), last_insert_rowid()').statement.get() as unknown as bigint[];
    return countsOf(prepared, { changes: counts[0] ?? 0n, lastInsertRowid: counts[1] ?? 0n });
  }
}

function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw fromSqliteError(error);
  }
}

/** After others, SQLite still tells the counts of the one before. */
const CHANGES: ReadonlySet<string> = new Set(['insert', 'replace', 'update', 'delete', 'with']);

function assertCount({ parameters }: ScannedSql, values: readonly SQLInputValue[]): void {
  if (parameters === values.length) return;
  const message = `the statement has ${parameters} question marks and ${values.length} parameters`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-operation', message);
}

function readRow(row: SQLOutputValue[], readers: readonly ((value: SQLOutputValue) => SqlValue)[]): SqlValue[] {
  return readers.map((read, at) => read(row[at] ?? null));
}

/** SQLite knows the last id of an insert, MySQL the first; the ids of one statement follow one another. */
function countsOf(
  { verb }: ScannedSql,
  { changes, lastInsertRowid }: { changes: number | bigint; lastInsertRowid: number | bigint },
): SqlResult {
  const affectedRows = CHANGES.has(verb) ? Number(changes) : 0;
  const inserted = (verb === 'insert' || verb === 'replace') && affectedRows > 0;
  const first = BigInt(lastInsertRowid) - BigInt(affectedRows - 1);
  const insertId = !inserted ? 0 : Number.isSafeInteger(Number(first)) ? Number(first) : first;
  return { columns: [], rows: [], affectedRows, insertId };
}
