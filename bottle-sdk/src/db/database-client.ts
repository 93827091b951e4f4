import { definitionOf, type SqlBatch, type SqlIsolation, type SqlResult, type SqlStatement } from '@bottle/protos';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { type BatchResult, Statements } from './statements.ts';
import { takeBatches, Transaction } from './transaction.ts';
import { TransactionSteps } from './transaction-steps.ts';

export interface DatabaseOptions extends CallOptions {
  /** The database refuses what would change something; a replica may answer. @default false */
  readOnly?: boolean;
}

export interface TransactionOptions extends DatabaseOptions {
  /** @default the database's own. SQLite is always serializable. */
  isolation?: 'read-uncommitted' | 'read-committed' | 'repeatable-read' | 'serializable';
}

const ISOLATIONS: Readonly<Record<NonNullable<TransactionOptions['isolation']>, SqlIsolation>> = {
  'read-uncommitted': 'DB_ISOLATION_READ_UNCOMMITTED',
  'read-committed': 'DB_ISOLATION_READ_COMMITTED',
  'repeatable-read': 'DB_ISOLATION_REPEATABLE_READ',
  serializable: 'DB_ISOLATION_SERIALIZABLE',
};

/**
 * One database resource. Whole numbers are numbers up to 2^53 - 1 and bigints beyond, DECIMAL is text, DATETIME and
 * TIMESTAMP are Dates in UTC (text with more than three digits of a fraction), DATE and TIME are text, JSON is parsed, BLOB,
 * BINARY, BIT and GEOMETRY are Buffers, NULL is null.
 */
export class Database extends Statements {
  readonly #calls: ResourceCalls;
  readonly #options: DatabaseOptions;
  readonly #methods = definitionOf('db');

  constructor(calls: ResourceCalls, options: DatabaseOptions = {}) {
    super();
    this.#calls = calls;
    this.#options = options;
  }

  /** The same database for calls with these options. */
  with(options: DatabaseOptions): Database {
    return new Database(this.#calls, { ...this.#options, ...options });
  }

  /** The same database for reading: replicas may answer, and nothing can be changed. */
  get readOnly(): Database {
    return this.with({ readOnly: true });
  }

  /**
   * Runs statements that belong together: what the work returns is returned when they are durable; an error rolls them
   * back and is thrown on. ABORTED (`error.retryable`) means that others were in the way: run it again.
   */
  async transaction<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    await using transaction = await this.begin(options);
    const result = await work(transaction);
    await transaction.commit();
    return result;
  }

  /** A transaction to end by hand: `await using tx = await db.begin()`. */
  async begin(options: TransactionOptions = {}): Promise<Transaction> {
    return new Transaction(await this.#open(options));
  }

  async #open(options: TransactionOptions): Promise<TransactionSteps> {
    const { isolation, readOnly = false, ...callOptions } = { ...this.#options, ...options };
    const stream = this.#calls.stream(this.#methods.Transaction, callOptions);
    const steps = new TransactionSteps(stream);
    const level = isolation === undefined ? 'DB_ISOLATION_DEFAULT' : ISOLATIONS[isolation];
    await steps.take({ step: 'begin', isolation: level, readOnly });
    return steps;
  }

  protected override run(statement: Omit<SqlStatement, 'readOnly'>): Promise<SqlResult> {
    const { readOnly = false } = this.#options;
    return this.#calls.unary(this.#methods.Execute, { ...statement, readOnly }, this.#options);
  }

  protected override parts(statement: Omit<SqlStatement, 'readOnly'>): AsyncIterable<SqlResult> {
    const { readOnly = false } = this.#options;
    return this.#calls.answers(this.#methods.Query, { ...statement, readOnly }, this.#options);
  }

  protected override async runBatches(batches: readonly SqlBatch[]): Promise<BatchResult> {
    const [batch, ...more] = batches;
    if (!batch) return { affectedRows: 0, insertId: 0 };
    // Where nothing may be written, it is the database that says so.
    if (more.length === 0 && !this.#options.readOnly)
      return await this.#calls.unary(this.#methods.Batch, batch, this.#options);
    const steps = await this.#open({});
    await using transaction = new Transaction(steps);
    const total = await takeBatches(steps, batches);
    await transaction.commit();
    return total;
  }
}
