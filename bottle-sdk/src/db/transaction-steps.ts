import {
  type BottleError,
  CallError,
  Code,
  fromWireError,
  type SqlAnswerOutput,
  type SqlResult,
  type SqlStep,
} from '@bottle/protos';
import type { TypedStream } from '../resource-calls.ts';

const NO_RESULT: SqlResult = { columns: [], rows: [], affectedRows: 0, insertId: 0 };

/** Steps of one transaction, one after the other: those that are not awaited wait for the ones before. */
export class TransactionSteps {
  readonly #stream: TypedStream<SqlStep, SqlAnswerOutput>;
  readonly #answers: AsyncIterator<SqlAnswerOutput>;
  #last: Promise<unknown> = Promise.resolve();
  #over: BottleError | undefined;

  constructor(stream: TypedStream<SqlStep, SqlAnswerOutput>) {
    this.#stream = stream;
    this.#answers = stream[Symbol.asyncIterator]();
  }

  /** Why there are no further steps. */
  get over(): BottleError | undefined {
    return this.#over;
  }

  async take(step: SqlStep): Promise<SqlResult> {
    const done = await this.#turn();
    try {
      await this.#send(step);
      return (await this.#answer()).result ?? NO_RESULT;
    } finally {
      done();
    }
  }

  /** Parts of an answer. A loop that is left reads the rest: the next step has to wait for it. */
  async *parts(step: SqlStep): AsyncGenerator<SqlResult> {
    const done = await this.#turn();
    let more = false;
    try {
      await this.#send(step);
      do {
        const answer = await this.#answer();
        more = answer.more ?? false;
        if (answer.result) yield answer.result;
      } while (more);
    } finally {
      while (more && !this.#over) more = (await this.#answer()).more ?? false;
      done();
    }
  }

  /** Takes the last step. */
  async end(step: SqlStep): Promise<void> {
    const done = await this.#turn();
    try {
      await this.#send(step);
      await this.#answer();
      this.#stream.end();
      await this.#answers.next();
    } catch (error) {
      this.#stream.cancel();
      throw error;
    } finally {
      this.#over ??= new CallError(Code.FAILED_PRECONDITION, 'transaction-over', 'the transaction is over');
      done();
    }
  }

  /** Gives it up without waiting: the other side rolls back. */
  cancel(reason: BottleError): void {
    this.#over ??= reason;
    this.#stream.cancel();
  }

  /** Resolves, when those before are done, to what lets the next one begin. */
  async #turn(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }

  async #send(step: SqlStep): Promise<void> {
    if (this.#over) throw this.#over;
    try {
      await this.#stream.send(step);
    } catch (error) {
      throw this.#lost(error);
    }
  }

  async #answer(): Promise<SqlAnswerOutput> {
    const { value, done } = await this.#answers.next().catch((error: unknown) => {
      throw this.#lost(error);
    });
    if (done) throw this.#lost(new CallError(Code.UNAVAILABLE, 'connection-lost', 'the transaction was broken off'));
    if (!value.error) return value;
    const error = fromWireError(value.error, CallError);
    if (value.closed) this.cancel(error);
    throw error;
  }

  #lost(error: unknown): BottleError {
    this.#over ??= CallError.of(error);
    return this.#over;
  }
}
