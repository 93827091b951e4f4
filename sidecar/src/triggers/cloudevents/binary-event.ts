import { charsetOf, decodeDocument } from '@bottle/protos';
import { type Complaint, isJson, type JsonEvent, mediaTypeOf, type ParsedEvent } from './json-event.ts';

/** An event in binary mode: its attributes came beside the data. */
export interface BinaryEvent {
  /** Name without its prefix, and value; names may repeat, which is a mistake. */
  attributes: readonly (readonly [name: string, value: string])[];
  /** Empty: the sender named none. */
  contentType: string;
  /** Undefined or empty: no data. */
  data: Buffer | undefined;
}

/**
 * The event in its JSON format. JSON data is parsed and text decoded, by the content type alone; anything else stays bytes.
 */
export function parseBinaryEvent({ attributes, contentType, data }: BinaryEvent): ParsedEvent {
  const complaints: Complaint[] = [];
  const names = attributes.map(([name]) => name);
  for (const name of new Set(names.filter((each, at) => names.indexOf(each) !== at))) {
    complaints.push({ attribute: name, message: 'must not be repeated' });
  }
  if (names.includes('data')) complaints.push({ attribute: 'data', message: 'is not the name of an attribute' });
  const type = contentType === '' ? {} : { datacontenttype: contentType };
  const event = { ...Object.fromEntries(attributes), ...type, ...dataOf(data, contentType, complaints) };
  return { event, complaints };
}

function dataOf(bytes: Buffer | undefined, contentType: string, complaints: Complaint[]): JsonEvent {
  if (!bytes || bytes.length === 0) return {};
  const mediaType = mediaTypeOf(contentType);
  try {
    if (isJson(mediaType)) return { data: JSON.parse(decodeDocument(bytes, 'it', charsetOf(contentType))) as unknown };
    if (mediaType.startsWith('text/')) return { data: decodeDocument(bytes, 'it', charsetOf(contentType)) };
  } catch (error) {
    complaints.push({ attribute: 'data', message: `is not ${contentType}: ${(error as Error).message}` });
    return {};
  }
  return { data_base64: bytes.toString('base64') };
}
