import { decodeDocument } from '@bottle/protos';
import { type Complaint, type JsonEvent, noEvent, type ParsedEvent } from './json-event.ts';

/** An event in the JSON format. */
export function parseStructuredEvent(value: unknown): ParsedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return noEvent('a CloudEvent in JSON format is an object');
  }
  // null means that the attribute is not there; as data it is a value.
  const members = Object.entries(value).filter(([name, member]) => member !== null || name === 'data');
  const event: JsonEvent = Object.fromEntries(members);
  const complaints: Complaint[] = [];
  const { data_base64: base64 } = event;
  if (base64 !== undefined) {
    if (!isBase64(base64)) complaints.push({ attribute: 'data_base64', message: 'is not base64' });
    if ('data' in event) complaints.push({ attribute: 'data', message: 'must not stand beside data_base64' });
  }
  return { event, complaints };
}

/** What a body in JSON format holds, as `read` makes it of the parsed body. */
export function parseJsonBody<Result>(body: Buffer, read: (value: unknown) => Result): Result | ParsedEvent {
  let value: unknown;
  try {
    value = JSON.parse(decodeDocument(body, 'it'));
  } catch (error) {
    return noEvent(`the body is not JSON: ${(error as Error).message}`);
  }
  return read(value);
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}
