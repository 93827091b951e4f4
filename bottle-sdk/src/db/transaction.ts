import { BottleError, CallError, Code, type SqlBatch, type SqlResult, type SqlStatement } from '@bottle/protos';
import { type BatchResult, Statements } from './statements.ts';
import type { TransactionSteps } from './transaction-steps.ts';

/**
 * Statements that belong together. Ended by `commit`, or by `rollback` and everything else: an error, the end of the
 * invocation, the end of an `await using` block.
 */
export class Transaction extends Statements implements AsyncDisposable {
  readonly #steps: TransactionSteps;
  #savepoints = 0;

  constructor(steps: TransactionSteps) {
    super();
    this.#steps = steps;
  }

  /** Whether it has ended: the database may end it, too (a deadlock). */
  get isOver(): boolean {
    return this.#steps.over !== undefined;
  }

  /**
   * Runs a part that may fail alone: an error undoes what the part did and leaves the rest of the transaction.
   * The error is thrown on.
   */
  async savepoint<Result>(work: (transaction: this) => Promise<Result>): Promise<Result> {
    this.#savepoints += 1;
    const name = `s${this.#savepoints}`;
    await this.setSavepoint(name);
    let result: Result;
    try {
      result = await work(this);
    } catch (error) {
      if (!this.isOver) {
        await this.rollbackTo(name);
        await this.releaseSavepoint(name);
      }
      throw error;
    }
    await this.releaseSavepoint(name);
    return result;
  }

  /** Makes it durable. Throws `outcome-unknown` when the connection broke before the database confirmed it. */
  async commit(): Promise<void> {
    if (this.#steps.over) throw this.#steps.over;
    try {
      await this.#steps.end({ step: 'commit' });
    } catch (thrown) {
      const error = CallError.of(thrown);
      if (error.outcome !== 'unknown' || error.reason === 'outcome-unknown') throw error;
      const message = `the transaction may be durable, or rolled back: ${error.message}`;
      throw new CallError(Code.UNKNOWN, 'outcome-unknown', message, { details: error.details });
    }
  }

  /** Undoes it; does nothing when it is over. Never rejects: one that cannot be reached is rolled back over there. */
  async rollback(): Promise<void> {
    if (this.isOver) return;
    await this.#steps.end({ step: 'rollback' }).catch((error: unknown) => this.#steps.cancel(BottleError.from(error)));
  }

  /** A point to go back to, by a name of letters, digits and "_": for query builders. */
  async setSavepoint(name: string): Promise<void> {
    await this.#steps.take({ step: 'savepoint', name });
  }

  async rollbackTo(name: string): Promise<void> {
    await this.#steps.take({ step: 'rollbackTo', name });
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.#steps.take({ step: 'release', name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rollback();
  }

  protected override run(statement: Omit<SqlStatement, 'readOnly'>): Promise<SqlResult> {
    return this.#steps.take({ step: 'execute', statement: { ...statement, readOnly: false } });
  }

  protected override parts(statement: Omit<SqlStatement, 'readOnly'>): AsyncIterable<SqlResult> {
    return this.#steps.parts({ step: 'query', statement: { ...statement, readOnly: false } });
  }

  protected override async runBatches(batches: readonly SqlBatch[]): Promise<BatchResult> {
    const runAll = (): Promise<BatchResult> => takeBatches(this.#steps, batches);
    return batches.length > 1 ? this.savepoint(runAll) : runAll();
  }
}

/** One after the other; what they did together. */
export async function takeBatches(steps: TransactionSteps, batches: readonly SqlBatch[]): Promise<BatchResult> {
  const total: BatchResult = { affectedRows: 0, insertId: 0 };
  for (const batch of batches) {
    const { affectedRows, insertId } = await steps.take({ step: 'batch', batch });
    total.affectedRows += affectedRows;
    if (total.insertId === 0) total.insertId = insertId;
  }
  return total;
}
