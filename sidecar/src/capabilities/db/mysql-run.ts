import { MAX_RESULT_BYTES, resultTooLarge } from '@bottle/capabilities';
import { type BottleError, type SqlColumn, type SqlResult, type SqlStatement } from '@bottle/protos';
import type { FieldPacket } from 'mysql2';
import type { MysqlConnection, RowSink, RunCounts } from './mysql-connection.ts';
import { type RowFix, rowFixOf, sizeOfRow, toSqlColumn } from './mysql-values.ts';

/** A part of a stream is closed when it has so many rows or bytes. */
const PART_ROWS = 512;
const PART_BYTES = 64 * 1024;
/** Rows beyond the limit that are read and dropped, rather than giving up the connection. */
const MAX_DROPPED_ROWS = 100_000;

/** The whole answer. Throws `result-too-large` beyond the limits. */
export async function collect(
  connection: MysqlConnection,
  { sql, parameters }: Pick<SqlStatement, 'sql' | 'parameters'>,
  maxRows: number,
): Promise<SqlResult> {
  let columns: SqlColumn[] = [];
  let fix: RowFix = (row) => row as never;
  let rows: SqlResult['rows'] = [];
  let bytes = 0;
  let dropped = 0;
  let failure: BottleError | undefined;
  const counts = await connection.run(sql, parameters, {
    onColumns(fields) {
      columns = fields.map(toSqlColumn);
      fix = rowFixOf(columns);
    },
    onRow(row) {
      if (failure) {
        dropped += 1;
        if (dropped > MAX_DROPPED_ROWS) connection.destroy(failure);
        return;
      }
      const fixed = fix(row);
      rows.push(fixed);
      bytes += sizeOfRow(fixed);
      if (rows.length <= maxRows && bytes <= MAX_RESULT_BYTES) return;
      failure = resultTooLarge(
        rows.length > maxRows ? `more than ${maxRows} rows` : `more than ${MAX_RESULT_BYTES} bytes`,
      );
      rows = [];
    },
  });
  if (failure) throw failure;
  return { columns, rows, ...counts };
}

/** Parts of an answer. While nobody takes them, the server does not get rid of its rows. */
export async function* streamParts(
  connection: MysqlConnection,
  { sql, parameters }: SqlStatement,
): AsyncGenerator<SqlResult> {
  const parts = new Parts(connection);
  const ended = connection.run(sql, parameters, parts).then(
    (counts) => parts.end(counts),
    (error: unknown) => parts.fail(error),
  );
  for (let part = await parts.next(); part; part = await parts.next()) yield part;
  await ended;
}

class Parts implements RowSink {
  readonly #connection: MysqlConnection;
  readonly #ready: SqlResult[] = [];
  #part: SqlResult = emptyPart();
  #bytes = 0;
  #fix: RowFix = (row) => row as never;
  #paused = false;
  #over = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(connection: MysqlConnection) {
    this.#connection = connection;
  }

  onColumns(fields: FieldPacket[]): void {
    const columns = fields.map(toSqlColumn);
    this.#fix = rowFixOf(columns);
    this.#part.columns = columns;
  }

  onRow(row: unknown[]): void {
    const fixed = this.#fix(row);
    this.#part.rows.push(fixed);
    this.#bytes += sizeOfRow(fixed);
    if (this.#part.rows.length < PART_ROWS && this.#bytes < PART_BYTES) return;
    this.#close();
    this.#paused = true;
    this.#connection.pause();
    this.#wake?.();
  }

  end(counts: RunCounts): void {
    Object.assign(this.#part, counts);
    this.#close();
    this.#over = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Undefined after the last one. */
  async next(): Promise<SqlResult | undefined> {
    for (;;) {
      const part = this.#ready.shift();
      if (part) return part;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#over) return undefined;
      if (this.#paused) {
        this.#paused = false;
        this.#connection.resume(); // may bring rows before it returns
        continue;
      }
      await this.#more();
    }
  }

  /** Rows of a slow statement do not wait for their part to be full. */
  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      setImmediate(() => {
        if (this.#part.rows.length > 0) resolve();
      });
    });
    this.#wake = undefined;
    if (this.#ready.length === 0 && this.#part.rows.length > 0) this.#close();
  }

  #close(): void {
    this.#ready.push(this.#part);
    this.#part = emptyPart();
    this.#bytes = 0;
  }
}

function emptyPart(): SqlResult {
  return { columns: [], rows: [], affectedRows: 0, insertId: 0 };
}
