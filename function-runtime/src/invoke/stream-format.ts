import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { toJson } from '@bottle/protos';
import { BegunItems, type Items, type OpenItems, openItems, settledInTime } from './stream-items.ts';

/** One event of a `text/event-stream` result. */
interface ServerSentEvent {
  event?: string;
  id?: string;
  /** Milliseconds. */
  retry?: number;
  /** Sent as it is when a string, as JSON otherwise. */
  data?: unknown;
}

const FIELDS_OF_EVENTS = ['data', 'event', 'id', 'retry'] as const satisfies readonly (keyof ServerSentEvent)[];

/** How a stream ended: to its end, given up by its reader, or broken. */
export type StreamEnding = 'complete' | 'cancelled' | 'failed';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The bytes of a streamed result. Read it to its end, cancel it or fail it: each ends the source, even one never read.
 * A stream that did not come to its own end throws, once it is failed even while the source says nothing.
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
  readonly #formatObject: (item: object) => string;
  /** The source's code belongs to the invocation, whoever reads it. */
  readonly #inScope = AsyncLocalStorage.snapshot();
  #first: Promise<IteratorResult<Uint8Array, undefined>> | undefined;
  #bytes = 0;
  #ending: StreamEnding | undefined;
  #failure: { error: unknown } | undefined;
  #interrupt: (() => void) | undefined;

  constructor(source: Items, contentType: string | undefined) {
    this.#source = source;
    this.#items = openItems(source);
    this.#contentType = contentType;
    this.#formatObject = formatterFor(contentType);
  }

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Settles when the first item is here, even an empty one, or the stream is over; rejects with what it fails with before.
   * An event stream is waited for a moment only.
   */
  async begin(): Promise<void> {
    this.#first ??= this.#read();
    this.#first.catch(() => {}); // whoever reads it sees it
    if (this.#source instanceof BegunItems && this.#source.isLate) return;
    await settledInTime(this.#first, () => isEventStream(this.#contentType));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => {
        const first = this.#first;
        this.#first = undefined;
        return first ?? this.#read();
      },
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

  async #read(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.isOver) return this.#interrupted();
    try {
      const item = await this.#nextItem();
      if (!item) return this.#interrupted();
      if (item.done) {
        this.#assertLength(this.#bytes >= (this.declaredBytes ?? 0));
        this.#end('complete');
        return DONE;
      }
      const value = this.#keep(toBytes(item.value, this.#formatObject), item.value);
      this.#bytes += value.length;
      this.#assertLength(this.#bytes <= (this.declaredBytes ?? Number.POSITIVE_INFINITY));
      return { done: false, value };
    } catch (thrown) {
      if (this.isOver) return this.#interrupted(); // an error of the clean-up
      this.#failure = { error: this.explain?.(thrown) ?? thrown };
      this.#end('failed');
      return this.#interrupted();
    }
  }

  #interrupted(): IteratorResult<Uint8Array, undefined> {
    if (this.#failure) throw this.#failure.error;
    return DONE;
  }

  /** Undefined: the stream was ended meanwhile. */
  #nextItem(): Promise<IteratorResult<unknown> | undefined> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve(undefined);
      this.#inScope(() => this.#items.next()).then(resolve, reject);
    });
  }

  #end(ending: StreamEnding): void {
    if (this.#ending) return;
    this.#ending = ending;
    if (ending !== 'complete') this.#inScope(() => this.#items.close());
    this.#interrupt?.();
    this.onEnd?.(ending);
    this.onEnd = undefined;
  }

  /** A generator may use the memory of its item again for the next one, when this one still waits to be sent. */
  #keep(bytes: Uint8Array, item: unknown): Uint8Array {
    const isFresh = bytes !== item || this.#source instanceof Readable;
    return isFresh ? bytes : Buffer.from(bytes);
  }

  #assertLength(holds: boolean): void {
    if (holds) return;
    throw new RangeError(
      `the result's content-length says ${this.declaredBytes} bytes, but its stream has ${this.#bytes}${this.#bytes > (this.declaredBytes ?? 0) ? ' or more' : ''}`,
    );
  }
}

/** How the objects of a streamed result become text under a content-type. */
function formatterFor(contentType: string | undefined): (item: object) => string {
  if (isEventStream(contentType)) return formatEvent;
  if (contentType?.startsWith('application/x-ndjson')) return (item) => `${toJson(item) ?? 'null'}\n`;
  return refuse;
}

export function isEventStream(contentType: string | undefined): boolean {
  return contentType?.startsWith('text/event-stream') ?? false;
}

function toBytes(item: unknown, formatObject: (item: object) => string): Uint8Array {
  if (item instanceof Uint8Array) return item;
  if (typeof item === 'string') return Buffer.from(item);
  if (item instanceof ArrayBuffer) return Buffer.from(item.slice());
  if (typeof item === 'object' && item !== null) return Buffer.from(formatObject(item));
  throw new TypeError(
    `a streamed result yielded a ${typeof item}; it may yield strings, bytes, or objects for server-sent events`,
  );
}

/** The HTML standard's event stream format; every line of data gets its own field. */
function formatEvent(item: ServerSentEvent): string {
  if (!FIELDS_OF_EVENTS.some((field) => field in item))
    throw new TypeError('a server-sent event has data, event, id or retry: yield { data: … }');
  const lines: string[] = [];
  if (item.event !== undefined) lines.push(`event: ${oneLine(item.event)}`);
  if (item.id !== undefined) lines.push(`id: ${oneLine(item.id)}`);
  if (item.retry !== undefined) lines.push(`retry: ${Math.trunc(item.retry)}`);
  if (item.data !== undefined) {
    const text = typeof item.data === 'string' ? item.data : (toJson(item.data) ?? 'null');
    for (const line of text.split(/\r\n|\r|\n/)) lines.push(`data: ${line}`);
  }
  return `${lines.join('\n')}\n\n`;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}

function refuse(): never {
  throw new TypeError(
    "a streamed result yielded an object; set ctx.type to 'text/event-stream' or 'application/x-ndjson'",
  );
}
