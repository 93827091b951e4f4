import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { toJson } from '@bottle/protos';

/** One event of a `text/event-stream` result. */
interface ServerSentEvent {
  event?: string;
  id?: string;
  /** Milliseconds. */
  retry?: number;
  /** Sent as it is when a string, as JSON otherwise. */
  data?: unknown;
}

type Items = AsyncIterable<unknown>;

/** Node streams, web streams and async iterables. */
export function isStream(value: unknown): value is Items {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The bytes of a streamed result. Read it to its end or cancel it: either ends the source, even one never read. */
export class ResultStream implements AsyncIterable<Uint8Array> {
  /** Called once: read to the end, failed or cancelled. */
  onEnd: ((cancelled: boolean) => void) | undefined;
  readonly #source: Items;
  readonly #formatObject: (item: object) => string;
  /** The source's code belongs to the invocation, whoever reads it. */
  readonly #inScope = AsyncLocalStorage.snapshot();
  #started: AsyncGenerator<Uint8Array> | undefined;

  constructor(source: Items, contentType: string | undefined) {
    this.#source = source;
    this.#formatObject = formatterFor(contentType);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const generator = this.#format();
    this.#started = generator;
    return {
      next: () => this.#inScope(() => generator.next()),
      return: () => this.#inScope(() => generator.return(undefined)),
    };
  }

  cancel(): void {
    this.#end(true);
    if (this.#source instanceof Readable) this.#source.destroy();
    else if (this.#started) this.#inScope(() => void this.#started?.return(undefined).catch(ignore));
    else if (this.#source instanceof ReadableStream) void this.#source.cancel().catch(ignore);
    else void this.#source[Symbol.asyncIterator]().return?.().catch(ignore);
  }

  async *#format(): AsyncGenerator<Uint8Array> {
    try {
      for await (const item of this.#source) {
        const bytes = toBytes(item, this.#formatObject);
        if (bytes.length > 0) yield bytes;
      }
    } finally {
      this.#end(false);
    }
  }

  #end(cancelled: boolean): void {
    this.onEnd?.(cancelled);
    this.onEnd = undefined;
  }
}

/** What the clean-up of a stream throws that nobody reads any more. */
function ignore(): void {}

/** How the objects of a streamed result become text under a content-type. */
function formatterFor(contentType: string | undefined): (item: object) => string {
  if (contentType?.startsWith('text/event-stream')) return formatEvent;
  if (contentType?.startsWith('application/x-ndjson')) return (item) => `${toJson(item) ?? 'null'}\n`;
  return refuse;
}

function toBytes(item: unknown, formatObject: (item: object) => string): Uint8Array {
  if (item instanceof Uint8Array) return item;
  if (typeof item === 'string') return Buffer.from(item);
  if (item instanceof ArrayBuffer) return Buffer.from(item);
  if (typeof item === 'object' && item !== null) return Buffer.from(formatObject(item));
  throw new TypeError(
    `a streamed result yielded a ${typeof item}; it may yield strings, bytes, or objects for server-sent events`,
  );
}

/** The HTML standard's event stream format; every line of data gets its own field. */
function formatEvent(item: ServerSentEvent): string {
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
