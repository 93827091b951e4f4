import type { SqlResult, SqlStatement } from '@bottle/protos';
import { CallSite } from '../call-site.ts';
import { RowStream } from './row-stream.ts';
import { type DbResult, toDbResult } from './rows.ts';
import type { SqlFragment } from './sql-fragment.ts';

/** Where statements run: a database, or a transaction. */
export interface SqlExecutor {
  run(statement: Omit<SqlStatement, 'readOnly'>): Promise<SqlResult>;
  /** The first part has the columns. */
  parts(statement: Omit<SqlStatement, 'readOnly'>): AsyncIterable<SqlResult>;
}

/** A statement that runs, once, when it is awaited. */
export class SqlQuery<Row> implements PromiseLike<Row[]> {
  readonly #executor: SqlExecutor;
  readonly #fragment: SqlFragment;
  readonly #site = new CallSite();
  #result: Promise<DbResult<Row>> | undefined;

  constructor(executor: SqlExecutor, fragment: SqlFragment) {
    this.#executor = executor;
    this.#fragment = fragment;
  }

  /** The rows. */
  // oxlint-disable-next-line unicorn/no-thenable -- a statement is awaited as it stands, as in other query libraries
  then<Result = Row[], Failure = never>(
    onFulfilled?: ((rows: Row[]) => Result | PromiseLike<Result>) | null,
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    return this.result()
      .then(({ rows }) => rows)
      .then(onFulfilled, onRejected);
  }

  /** The first row, or undefined. */
  async first(): Promise<Row | undefined> {
    return (await this.result()).rows[0];
  }

  /** The rows with what else there is to know. */
  result(): Promise<DbResult<Row>> {
    this.#result ??= this.#executor
      .run({ sql: this.#fragment.text, parameters: this.#fragment.parameters })
      .then(toDbResult<Row>, (error: unknown) => {
        this.#site.addTo(error);
        throw error;
      });
    return this.#result;
  }

  /** The rows as they come, however many; no faster than they are taken. Leaving the loop ends the statement. */
  stream(): AsyncGenerator<Row> {
    const { text, parameters } = this.#fragment;
    return new RowStream<Row>(sited(this.#executor.parts({ sql: text, parameters }), this.#site));
  }
}

async function* sited<Part>(parts: AsyncIterable<Part>, site: CallSite): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch (error) {
    site.addTo(error);
    throw error;
  }
}
