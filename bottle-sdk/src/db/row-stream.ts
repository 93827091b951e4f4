import { BATCHES, type InBatches, type SqlResult } from '@bottle/protos';
import { rowReader } from './rows.ts';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The rows of a statement as they come, no faster than they are taken. They come in blocks: a row costs a promise that is
 * settled already, and nothing where the whole block is passed on.
 */
export class RowStream<Row> implements AsyncGenerator<Row, undefined, undefined>, InBatches<Row> {
  readonly #blocks: AsyncGenerator<Row[], undefined, undefined>;
  #block: Row[] = [];
  #at = 0;
  /** The last of the calls that wait, one after the other, for the next block or for the end. */
  #waiting: Promise<unknown> | undefined;

  /** The first part has the columns. */
  constructor(parts: AsyncIterable<SqlResult>) {
    this.#blocks = blocksOf<Row>(parts);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#waiting || this.#at >= this.#block.length) return this.#inTurn(() => this.#readOn());
    return Promise.resolve({ done: false, value: this.#block[this.#at++] as Row });
  }

  /** Ends the statement. */
  return(): Promise<IteratorResult<Row, undefined>> {
    return this.#inTurn(() => this.#close());
  }

  throw(error: unknown): Promise<IteratorResult<Row, undefined>> {
    return this.#inTurn(async () => {
      await this.#close();
      throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [BATCHES](): AsyncIterator<readonly Row[], undefined> {
    return {
      next: () => this.#inTurn(() => this.#nextBlock()),
      return: () => this.#inTurn(() => this.#close()),
    };
  }

  async #readOn(): Promise<IteratorResult<Row, undefined>> {
    while (this.#at >= this.#block.length) {
      const { done, value } = await this.#blocks.next();
      if (done) return DONE;
      this.#block = value;
      this.#at = 0;
    }
    return { done: false, value: this.#block[this.#at++] as Row };
  }

  async #nextBlock(): Promise<IteratorResult<Row[], undefined>> {
    const rest = this.#block.slice(this.#at);
    this.#block = [];
    return rest.length > 0 ? { done: false, value: rest } : this.#blocks.next();
  }

  async #close(): Promise<typeof DONE> {
    this.#block = [];
    await this.#blocks.return(undefined);
    return DONE;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#waiting ? this.#waiting.then(work, work) : work();
    const isLast = (): void => {
      if (this.#waiting === turn) this.#waiting = undefined;
    };
    this.#waiting = turn;
    turn.then(isLast, isLast);
    return turn;
  }
}

async function* blocksOf<Row>(parts: AsyncIterable<SqlResult>): AsyncGenerator<Row[], undefined, undefined> {
  let read: ReturnType<typeof rowReader> | undefined;
  for await (const { columns, rows } of parts) {
    read ??= rowReader(columns);
    yield rows.map(read) as Row[];
  }
}
