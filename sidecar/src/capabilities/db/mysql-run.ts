import { MAX_RESULT_BYTES, resultTooLarge } from '@bottle/capabilities';
import { BottleError, type SqlResult, type SqlStatement, type SqlValue } from '@bottle/protos';
import type { ReadColumns } from './mysql-columns.ts';
import type { MysqlConnection, RowSink, RunCounts } from './mysql-connection.ts';
import { withLeftovers } from './mysql-leftovers.ts';
import { sizeOfRow } from './mysql-values.ts';

/** A part of a stream is closed when it has so many rows or bytes. */
const PART_ROWS = 512;
const PART_BYTES = 64 * 1024;
/** Rows beyond the limit that are read and dropped, rather than giving up the connection. */
const MAX_DROPPED_ROWS = 100_000;

/** Reads rows until one cannot be given; what comes after it is read and dropped. */
class RowReader {
  readonly #connection: MysqlConnection;
  #columns: ReadColumns = { columns: [], fix: (row) => row as SqlValue[] };
  #dropped = 0;
  /** Why the answer cannot be given. */
  failure: BottleError | undefined;

  constructor(connection: MysqlConnection) {
    this.#connection = connection;
  }

  begin(columns: ReadColumns): SqlResult['columns'] {
    this.#columns = columns;
    return columns.columns;
  }

  /** Undefined when it, or one before it, cannot be given. */
  read(row: unknown[]): SqlValue[] | undefined {
    if (this.failure) {
      this.#dropped += 1;
      if (this.#dropped > MAX_DROPPED_ROWS) this.#connection.destroy(this.failure);
      return undefined;
    }
    try {
      return this.#columns.fix(row);
    } catch (error) {
      this.failure = BottleError.from(error);
      return undefined;
    }
  }
}

/** The whole answer. Throws `result-too-large` beyond the limits. */
export async function collect(
  connection: MysqlConnection,
  { sql, parameters }: Pick<SqlStatement, 'sql' | 'parameters'>,
  maxRows: number,
): Promise<SqlResult> {
  const reader = new RowReader(connection);
  let columns: SqlResult['columns'] = [];
  let rows: SqlResult['rows'] = [];
  let bytes = 0;
  const sink: RowSink = {
    onColumns: (read) => (columns = reader.begin(read)),
    onRow(row) {
      const values = reader.read(row);
      if (!values) return;
      rows.push(values);
      bytes += sizeOfRow(values);
      if (rows.length <= maxRows && bytes <= MAX_RESULT_BYTES) return;
      reader.failure = resultTooLarge(
        rows.length > maxRows ? `more than ${maxRows} rows` : `more than ${MAX_RESULT_BYTES} bytes`,
      );
      rows = [];
    },
  };
  const counts = await connection.run(sql, parameters, sink).catch(async (error: unknown) => {
    throw await withLeftovers(connection, error, sql);
  });
  if (reader.failure) throw reader.failure;
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
    async (error: unknown) => parts.fail(await withLeftovers(connection, error, sql)),
  );
  for (let part = await parts.next(); part; part = await parts.next()) yield part;
  await ended;
}

class Parts implements RowSink {
  readonly #connection: MysqlConnection;
  readonly #reader: RowReader;
  readonly #ready: SqlResult[] = [];
  #part: SqlResult = emptyPart();
  #bytes = 0;
  #paused = false;
  #over = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(connection: MysqlConnection) {
    this.#connection = connection;
    this.#reader = new RowReader(connection);
  }

  onColumns(read: ReadColumns): void {
    this.#part.columns = this.#reader.begin(read);
  }

  onRow(row: unknown[]): void {
    const values = this.#reader.read(row);
    if (!values) return;
    this.#part.rows.push(values);
    this.#bytes += sizeOfRow(values);
    if (this.#part.rows.length < PART_ROWS && this.#bytes < PART_BYTES) return;
    this.#close();
    this.#paused = true;
    this.#connection.pause();
    this.#wake?.();
  }

  end(counts: RunCounts): void {
    if (this.#reader.failure) {
      this.fail(this.#reader.failure);
      return;
    }
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
