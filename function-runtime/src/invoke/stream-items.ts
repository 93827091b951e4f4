import { Readable } from 'node:stream';
import { BATCHES, hasBatches } from '@bottle/protos';

/** Node streams, web streams and async iterables. */
export type Items = AsyncIterable<unknown>;

export function isStream(value: unknown): value is Items {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** How long the head of an event stream waits for its first event, in milliseconds. */
const EVENT_STREAM_PATIENCE_MS = 400;

/**
 * What a generator function returned, run to its first item: what it says of its response until then is in time for the
 * head, and what it throws is an answer. Event streams are not waited for that long: their clients want the head.
 */
export class BegunItems implements AsyncIterableIterator<unknown> {
  readonly #generator: AsyncGenerator;
  #first: Promise<IteratorResult<unknown>> | undefined;
  /** The first item has not come in time. */
  isLate = false;

  private constructor(generator: AsyncGenerator) {
    this.#generator = generator;
    this.#first = generator.next();
  }

  static async begin(generator: AsyncGenerator, isEventStream: () => boolean): Promise<BegunItems> {
    const items = new BegunItems(generator);
    items.isLate = !(await settledInTime(items.#first, isEventStream));
    return items;
  }

  static isGenerator(result: unknown): result is AsyncGenerator {
    return Object.prototype.toString.call(result) === '[object AsyncGenerator]';
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#generator.next();
  }

  return(): Promise<IteratorResult<unknown>> {
    return this.#generator.return(undefined);
  }
}

/** Waits for the first item, or, of an event stream, for as long as its head can wait. Rejects as `first` does. */
export async function settledInTime(
  first: Promise<unknown> | undefined,
  isEventStream: () => boolean,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      if (isEventStream()) resolve(false);
    }, EVENT_STREAM_PATIENCE_MS);
  });
  first?.catch(() => {}); // whoever reads it sees it
  try {
    return await Promise.race([Promise.resolve(first).then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads the items of any kind of stream, and ends it. */
export interface OpenItems {
  /** What it gives are arrays of items. */
  readonly inBatches: boolean;
  /** May throw instead of rejecting, and answer instead of promising: it is the function's code. */
  next(): PromiseLike<IteratorResult<unknown>> | IteratorResult<unknown>;
  /** No more is read. What its clean-up throws is nobody's concern any more. */
  close(): void;
}

/** Begins to read when it is first asked to. */
export function openItems(source: Items): OpenItems {
  const inBatches = hasBatches(source);
  let iterator: AsyncIterator<unknown> | undefined;
  return {
    inBatches,
    next() {
      iterator ??= inBatches ? source[BATCHES]() : source[Symbol.asyncIterator]();
      return iterator.next();
    },
    close() {
      if (source instanceof Readable) source.destroy();
      else void giveBack(source, iterator).catch(ignore);
    },
  };
}

/** Asynchronous from its first line: what it is given may throw instead of rejecting. */
async function giveBack(source: Items, iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  if (!iterator && source instanceof ReadableStream) await source.cancel();
  else await (iterator ?? source[Symbol.asyncIterator]()).return?.();
}

function ignore(): void {}
