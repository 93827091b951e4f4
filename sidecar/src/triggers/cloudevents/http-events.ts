// CloudEvents over HTTP (HTTP Protocol Binding 1.0.2): binary, structured and batched content mode.
import { BottleError, Code } from '@bottle/protos';
import { parseBinaryEvent } from './binary-event.ts';
import { BATCH_TYPE, type Complaint, EVENT_TYPE, mediaTypeOf, noEvent, type ParsedEvent } from './json-event.ts';
import { parseJsonBody, parseStructuredEvent } from './structured-event.ts';

const PREFIX = 'ce-';

/** What a request holds: an event, or the list of a batch. Throws 415 for a format that nobody reads here. */
export function parseHttpEvents(
  headers: readonly string[],
  contentType: string,
  body: Buffer,
): ParsedEvent | readonly ParsedEvent[] {
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === EVENT_TYPE) return parseJsonBody(body, parseStructuredEvent);
  if (mediaType === BATCH_TYPE) return parseJsonBody(body, parseBatch);
  if (mediaType.startsWith('application/cloudevents')) throw unknownFormat(mediaType);
  const { attributes, complaints } = attributesOf(headers);
  if (attributes.length + complaints.length === 0) {
    return noEvent(`not a CloudEvent: neither ${PREFIX} headers nor content-type ${EVENT_TYPE} or ${BATCH_TYPE}`);
  }
  const parsed = parseBinaryEvent({ attributes, contentType, data: body });
  return { event: parsed.event, complaints: [...complaints, ...parsed.complaints] };
}

function parseBatch(value: unknown): ParsedEvent | readonly ParsedEvent[] {
  return Array.isArray(value) ? value.map(parseStructuredEvent) : noEvent('a batch of CloudEvents is an array');
}

function attributesOf(headers: readonly string[]): {
  attributes: [name: string, value: string][];
  complaints: Complaint[];
} {
  const attributes: [string, string][] = [];
  const complaints: Complaint[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const header = headers[index] ?? '';
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const value = headers[index + 1] ?? '';
    try {
      attributes.push([name, decodeHeader(value)]);
    } catch {
      attributes.push([name, value]);
      complaints.push({ attribute: name, message: 'is percent-encoded wrongly' });
    }
  }
  return { attributes, complaints };
}

/** Undoes what senders do to values outside of printable ASCII (section 3.1.3.2): quotes, then percent-encoded UTF-8. */
function decodeHeader(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  const text = quoted === undefined ? value : quoted.replace(/\\(.)/gs, '$1');
  return text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
}

function unknownFormat(mediaType: string): BottleError {
  const message = `${mediaType} is not understood here: send ${EVENT_TYPE}, ${BATCH_TYPE} or binary mode`;
  return new BottleError(Code.INVALID_ARGUMENT, 'unknown-cloudevent-format', message, { httpStatus: 415 });
}
