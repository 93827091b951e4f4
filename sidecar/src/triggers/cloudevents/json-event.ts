import { BottleError, Code } from '@bottle/protos';

/**
 * A CloudEvent in its JSON format: the attributes, and `data` or `data_base64`. This is the neutral form here, and what
 * travels to the function.
 */
export type JsonEvent = Readonly<Record<string, unknown>>;

/** What is wrong with one attribute of an event. */
export interface Complaint {
  /** The attribute, or "data"; empty: the event as a whole. */
  attribute: string;
  message: string;
}

/** What was read, and what could not be. Whether the attributes make sense is for the judge. */
export interface ParsedEvent {
  event: JsonEvent;
  complaints: readonly Complaint[];
}

/** The media type of one event in JSON format. */
export const EVENT_TYPE = 'application/cloudevents+json';
/** The media type of a list of them. */
export const BATCH_TYPE = 'application/cloudevents-batch+json';

/** Something that is no event at all. */
export function noEvent(message: string): ParsedEvent {
  return { event: {}, complaints: [{ attribute: '', message }] };
}

/** The refusal of something that is no valid event. */
export function invalidEvent(complaints: readonly Complaint[], details: object = {}): BottleError {
  const text = complaints.map(textOf).join('; ');
  return new BottleError(Code.INVALID_ARGUMENT, 'invalid-cloudevent', text, { details: { ...details, complaints } });
}

function textOf({ attribute, message }: Complaint): string {
  return attribute === '' ? message : `${attribute}: ${message}`;
}

/** A media type without its parameters, in lower case: "application/json". */
export function mediaTypeOf(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** Whether bytes of this media type are JSON. */
export function isJson(mediaType: string): boolean {
  return mediaType === 'application/json' || mediaType === 'text/json' || mediaType.endsWith('+json');
}

/** A text attribute; empty when the event does not have it. */
export function attributeOf(event: JsonEvent, name: string): string {
  const value = event[name];
  return typeof value === 'string' ? value : '';
}
