import { CallError, Code, type SqlBatch, type SqlResult, type SqlStatement, type SqlValue } from '@bottle/protos';
import { type DbParameter, toSqlValue, toSqlValues, weightOf } from './parameters.ts';
import { RowStream } from './row-stream.ts';
import { type DbResult, type DbRow, toDbResult } from './rows.ts';
import { quoted, type SqlHelpers, type SqlInput, sql, toFragment } from './sql-fragment.ts';
import { type SqlExecutor, SqlQuery } from './sql-query.ts';

/** A batch travels in messages of about this size. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_ROWS = 5_000;

/** A tagged template whose values can only become parameters. */
export interface SqlTag extends SqlHelpers {
  /** `` await db.sql<Item>`select * from items where id = ${id}` `` */
  <Row = DbRow>(strings: TemplateStringsArray, ...values: SqlInput[]): SqlQuery<Row>;
}

/** What a batch did. */
export type BatchResult = Pick<DbResult, 'affectedRows' | 'insertId'>;

/** Runs statements, in whatever they belong to. */
export abstract class Statements {
  /** Statements as tagged templates. */
  readonly sql: SqlTag;
  readonly #executor: SqlExecutor = {
    run: (statement) => this.run(statement),
    parts: (statement) => this.parts(statement),
  };

  constructor() {
    const tag = <Row>(strings: TemplateStringsArray, ...values: SqlInput[]): SqlQuery<Row> =>
      new SqlQuery<Row>(this.#executor, toFragment(strings, ...values));
    this.sql = Object.assign(tag, sql);
  }

  protected abstract run(statement: Omit<SqlStatement, 'readOnly'>): Promise<SqlResult>;
  protected abstract parts(statement: Omit<SqlStatement, 'readOnly'>): AsyncIterable<SqlResult>;
  /** Batches that together are all or none. */
  protected abstract runBatches(batches: readonly SqlBatch[]): Promise<BatchResult>;

  /**
   * A statement as text, with `?` where values go: for query builders. Whoever puts values into the text opens the
   * database to everybody: use `sql`.
   */
  async execute<Row = DbRow>(text: string, parameters: readonly DbParameter[] = []): Promise<DbResult<Row>> {
    return toDbResult<Row>(await this.run({ sql: text, parameters: toSqlValues(parameters) }));
  }

  /** The same, its rows as they come. */
  stream<Row = DbRow>(text: string, parameters: readonly DbParameter[] = []): AsyncGenerator<Row> {
    return new RowStream<Row>(this.parts({ sql: text, parameters: toSqlValues(parameters) }));
  }

  /** One statement once for each row of values, all or none. The insert id is that of the first row. */
  async batch(text: string, rows: readonly (readonly DbParameter[])[]): Promise<BatchResult> {
    return this.runBatches(batchesOf(text, rows.map(toSqlValues)));
  }

  /** Inserts all rows or none. Each has the same columns. */
  async insertMany(table: string, rows: readonly Readonly<Record<string, DbParameter>>[]): Promise<BatchResult> {
    const names = Object.keys(rows[0] ?? {});
    const target = quoted(table); // a wrong name is found without rows, too
    if (names.length === 0) {
      if (rows.length === 0) return { affectedRows: 0, insertId: 0 };
      throw new CallError(Code.INVALID_ARGUMENT, 'bad-value', 'the first row has no columns');
    }
    const values = rows.map((row) => {
      if (Object.keys(row).length !== names.length)
        throw new CallError(Code.INVALID_ARGUMENT, 'bad-value', `each row needs ${names.join(', ')}, and only those`);
      return names.map((name) => toSqlValue(row[name]));
    });
    const text = `insert into ${target} (${names.map(quoted).join(', ')}) values (${names.map(() => '?').join(', ')})`;
    return this.runBatches(batchesOf(text, values));
  }
}

function batchesOf(text: string, rows: readonly SqlValue[][]): SqlBatch[] {
  const batches: { sql: string; rows: SqlValue[][] }[] = [];
  let bytes = BATCH_BYTES;
  for (const row of rows) {
    const last = batches.at(-1);
    if (!last || bytes >= BATCH_BYTES || last.rows.length >= BATCH_ROWS) {
      batches.push({ sql: text, rows: [row] });
      bytes = 0;
    } else last.rows.push(row);
    bytes += weightOf(row);
  }
  return batches;
}
