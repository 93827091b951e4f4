// CloudEvents in Kafka messages (Kafka Protocol Binding 1.0.2): binary and structured content mode.
import { parseBinaryEvent } from './binary-event.ts';
import { EVENT_TYPE, mediaTypeOf, noEvent, type ParsedEvent } from './json-event.ts';
import { parseJsonBody, parseStructuredEvent } from './structured-event.ts';

/** As much of a message as the binding looks at. */
export interface KafkaEventMessage {
  key: Buffer | undefined;
  /** Undefined: a tombstone. */
  value: Buffer | undefined;
  /** In order; names may repeat. */
  headers: readonly { name: string; value: Uint8Array | undefined }[];
}

const PREFIX = 'ce_';

/** The event that a message is. The message's key becomes `partitionkey` where the event has none. */
export function parseKafkaEvent({ key, value, headers }: KafkaEventMessage): ParsedEvent {
  const texts = headers.flatMap(({ name, value: bytes }) =>
    bytes ? [[name.toLowerCase(), Buffer.from(bytes).toString()] as const] : [],
  );
  const contentType = texts.find(([name]) => name === 'content-type')?.[1] ?? '';
  const { event, complaints } = parseMessage(texts, contentType, value);
  const partition = key && key.length > 0 ? { partitionkey: key.toString() } : {};
  return { event: { ...partition, ...event }, complaints };
}

function parseMessage(
  headers: readonly (readonly [name: string, value: string])[],
  contentType: string,
  value: Buffer | undefined,
): ParsedEvent {
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === EVENT_TYPE) {
    if (!value) return noEvent('a tombstone is not a CloudEvent in JSON format');
    return parseJsonBody(value, parseStructuredEvent);
  }
  if (mediaType.startsWith('application/cloudevents')) {
    return noEvent(`${mediaType} is not understood here: send ${EVENT_TYPE}`);
  }
  const attributes = headers.flatMap(([name, text]) =>
    name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), text] as const] : [],
  );
  if (attributes.length > 0) return parseBinaryEvent({ attributes, contentType, data: value });
  return noEvent(`not a CloudEvent: neither ${PREFIX} headers nor content-type ${EVENT_TYPE}`);
}
