// How the items of a streamed result become text or bytes.
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

const FIELDS_OF_EVENTS = ['data', 'event', 'id', 'retry'] as const satisfies readonly (keyof ServerSentEvent)[];

/** What an item is under a content-type. Throws TypeError for what it cannot be. */
export function formatterOf(contentType: string | undefined): (item: unknown) => string | Uint8Array {
  const formatObject = objectFormatterOf(contentType);
  return (item) => {
    if (typeof item === 'string' || item instanceof Uint8Array) return item;
    if (item instanceof ArrayBuffer) return new Uint8Array(item);
    if (typeof item === 'object' && item !== null) return formatObject(item);
    throw new TypeError(
      `a streamed result yielded a ${typeof item}; it may yield strings, bytes, or objects for server-sent events`,
    );
  };
}

export function isEventStream(contentType: string | undefined): boolean {
  return contentType?.startsWith('text/event-stream') ?? false;
}

function objectFormatterOf(contentType: string | undefined): (item: object) => string {
  if (isEventStream(contentType)) return formatEvent;
  if (contentType?.startsWith('application/x-ndjson')) return (item) => `${toJson(item) ?? 'null'}\n`;
  return refuse;
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
