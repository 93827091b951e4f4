import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { ItemBlock } from './item-block.ts';
import { formatterOf, isEventStream } from './item-formats.ts';
import { BegunItems, type Items, type OpenItems, openItems, settledInTime } from './stream-items.ts';

/** How a stream ended: to its end, given up by its reader, or broken. */
export type StreamEnding = 'complete' | 'cancelled' | 'failed';

/** A block has so many bytes, or a little more; larger items are blocks of their own. */
export const BLOCK_BYTES: number = 32 * 1024;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The bytes of a streamed result, in blocks: what its source gives in one turn of the event loop is one, as far as it fits,
 * so that a row is no message of its own and an event does not wait for the next one. Read it to its end, cancel it or fail
 * it: each ends the source, even one never read. A stream that did not come to its own end throws, once it is failed even
 * while the source says nothing.
 */
export class ResultStream implements AsyncIterable<Uint8Array> {
  /** Called once. */
  onEnd: ((ending: StreamEnding) => void) | undefined;
  /** What its reader gets for what its source threw. Called at most once. */
  explain: ((thrown: unknown) => Error) | undefined;
  /** What its head promises, in bytes. Throws instead of any byte beyond, and when it ends before. */
  declaredBytes: number | undefined;
  readonly #source: Items;
  readonly #items: OpenItems;
  readonly #contentType: string | undefined;
  readonly #format: (item: unknown) => string | Uint8Array;
  /** The source's code belongs to the invocation, whoever reads it. */
  readonly #inScope = AsyncLocalStorage.snapshot();
  readonly #block = new ItemBlock();
  /** Items that are not in the block yet. */
  #batch: readonly unknown[] = [];
  #at = 0;
  #bytes = 0;
  /** The source was asked and has not answered. */
  #isAsked = false;
  #hasItem = false;
  #hasReader = false;
  /** The turn in which the block was begun is over. */
  #isDue = false;
  #due: NodeJS.Immediate | undefined;
  /** How the source ended, before anybody was told. */
  #sourceEnd: { thrown: unknown } | 'done' | undefined;
  #ending: StreamEnding | undefined;
  #failure: { error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(source: Items, contentType: string | undefined) {
    this.#source = source;
    this.#items = openItems(source);
    this.#contentType = contentType;
    this.#format = formatterOf(contentType);
  }

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Settles when the first item is here, even an empty one, or the stream is over; rejects with what it fails with before.
   * An event stream is waited for a moment only.
   */
  async begin(): Promise<void> {
    const begun = this.#untilWoken();
    this.#readOn();
    if (this.#source instanceof BegunItems && this.#source.isLate) return;
    await settledInTime(begun, () => isEventStream(this.#contentType));
    if (!this.#hasItem) this.#tellEnd();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#nextBlock(),
      return: async () => {
        this.cancel();
        return DONE;
      },
    };
  }

  /** Its reader has left. */
  cancel(): void {
    this.#end('cancelled');
  }

  /** It is not to be completed: its reader gets this error at once. */
  fail(error: Error): void {
    if (!this.isOver) this.#failure = { error };
    this.#end('failed');
  }

  async #nextBlock(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#hasReader = true;
    if (!this.#isReady) {
      const woken = this.#untilWoken();
      this.#readOn();
      await woken;
    }
    clearImmediate(this.#due);
    this.#due = undefined;
    this.#isDue = false;
    const value = this.#block.take();
    if (value) return { done: false, value };
    this.#tellEnd();
    return DONE;
  }

  get #isReady(): boolean {
    return this.isOver || this.#isDue || this.#isFull || this.#sourceEnd !== undefined;
  }

  get #isFull(): boolean {
    return this.#block.size >= BLOCK_BYTES;
  }

  /** Until there is something to tell its reader, or who waits for its beginning. */
  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Takes items until the block is full; without a reader, the first one only. */
  #readOn(): void {
    if (!this.#isAsked && !this.isOver) this.#inScope(this.#take);
  }

  readonly #take = (): void => {
    try {
      while (this.#at < this.#batch.length && this.#wantsMore) this.#add(this.#batch[this.#at++]);
      if (!this.#wantsMore) return;
      this.#isAsked = true;
      Promise.resolve(this.#items.next()).then(this.#onItem, this.#onThrown);
    } catch (thrown) {
      this.#onThrown(thrown);
    }
  };

  get #wantsMore(): boolean {
    return this.#hasReader ? !this.#isFull : !this.#hasItem;
  }

  readonly #onItem = ({ done, value }: IteratorResult<unknown>): void => {
    this.#isAsked = false;
    if (this.isOver) return;
    if (done) {
      this.#sourceEnd = 'done';
      this.#wake?.();
      return;
    }
    if (this.#items.inBatches) {
      this.#batch = value as readonly unknown[];
      this.#at = 0;
      this.#take();
      return;
    }
    try {
      this.#add(value);
    } catch (thrown) {
      this.#onThrown(thrown);
      return;
    }
    if (this.#wantsMore) this.#take();
  };

  readonly #onThrown = (thrown: unknown): void => {
    this.#isAsked = false;
    this.#sourceEnd = { thrown };
    this.#wake?.();
  };

  #add(item: unknown): void {
    const piece = this.#format(item);
    if (this.declaredBytes !== undefined) {
      this.#bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
      this.#assertLength(this.#bytes <= this.declaredBytes);
    }
    this.#block.add(typeof piece === 'string' ? piece : this.#keep(piece));
    if (!this.#hasItem) {
      this.#hasItem = true;
      if (!this.#hasReader) this.#wake?.();
    }
    if (this.#isFull) this.#wake?.();
    else if (!this.#due && this.#block.size > 0) this.#due = setImmediate(this.#onDue);
  }

  readonly #onDue = (): void => {
    this.#isDue = true;
    this.#wake?.();
  };

  /** In the context of whoever reads. Throws what its reader is to get. */
  #tellEnd(): void {
    if (!this.isOver && this.#sourceEnd) {
      try {
        if (this.#sourceEnd !== 'done') throw this.#sourceEnd.thrown;
        this.#assertLength(this.#bytes >= (this.declaredBytes ?? 0));
        this.#end('complete');
      } catch (thrown) {
        this.#failure = { error: this.explain?.(thrown) ?? thrown };
        this.#end('failed');
      }
    }
    if (this.#failure) throw this.#failure.error;
  }

  #end(ending: StreamEnding): void {
    if (this.#ending) return;
    this.#ending = ending;
    clearImmediate(this.#due);
    if (ending !== 'complete') this.#inScope(() => this.#items.close());
    this.#wake?.();
    this.onEnd?.(ending);
    this.onEnd = undefined;
  }

  /** A generator may use the memory of its item again for the next one, when this one still waits to be sent. */
  #keep(bytes: Uint8Array): Uint8Array {
    return this.#source instanceof Readable ? bytes : Buffer.from(bytes);
  }

  #assertLength(holds: boolean): void {
    if (holds) return;
    throw new RangeError(
      `the result's content-length says ${this.declaredBytes} bytes, but its stream has ${this.#bytes}${this.#bytes > (this.declaredBytes ?? 0) ? ' or more' : ''}`,
    );
  }
}
