import type { QueueHeader, QueueRecord } from '@bottle/capabilities';
import { type BottleError, toWireError } from '@bottle/protos';

/** Headers that a dead letter has beside those of its message. */
export const DEAD_LETTER = {
  reason: 'bottle-dead-letter-reason',
  code: 'bottle-dead-letter-code',
  message: 'bottle-dead-letter-message',
  details: 'bottle-dead-letter-details',
  attempts: 'bottle-dead-letter-attempts',
  topic: 'bottle-dead-letter-topic',
  partition: 'bottle-dead-letter-partition',
  offset: 'bottle-dead-letter-offset',
  /** When the message was published, as ISO 8601. */
  timestamp: 'bottle-dead-letter-timestamp',
  group: 'bottle-dead-letter-group',
  function: 'bottle-dead-letter-function',
  /** When it was given up, as ISO 8601. */
  at: 'bottle-dead-letter-at',
  /** "true": the value was too large to travel with the other headers; it is where topic, partition and offset say. */
  valueOmitted: 'bottle-dead-letter-value-omitted',
} as const;

/** On a message that was sent once more, for one group only; all others skip it. */
export const RETRY_GROUP_HEADER = 'bottle-retry-group';
/**
 * On a message in a dead-letter topic: it is no dead letter, but says that the one at this offset of the same partition
 * has been handled, and how.
 */
export const HANDLED_HEADER = 'bottle-dead-letter-handled';

const OWN_PREFIX = 'bottle-dead-letter-';
const MAX_TEXT = 1_024;

/** What a message is dead for. */
export interface Death {
  record: QueueRecord;
  error: BottleError;
  attempts: number;
  functionName: string;
  topic: string;
  group: string;
}

/** The headers of a dead letter: those of its message first, then why and where from. */
export function deadLetterHeaders({ record, error, attempts, functionName, topic, group }: Death): QueueHeader[] {
  const { detailsJson = '' } = toWireError(error);
  const texts: (readonly [name: string, text: string])[] = [
    [DEAD_LETTER.reason, error.reason],
    [DEAD_LETTER.code, error.code],
    [DEAD_LETTER.message, cut(error.message)],
    ...(detailsJson === '' || detailsJson.length > MAX_TEXT ? [] : [[DEAD_LETTER.details, detailsJson] as const]),
    [DEAD_LETTER.attempts, String(attempts)],
    [DEAD_LETTER.topic, topic],
    [DEAD_LETTER.partition, String(record.partition)],
    [DEAD_LETTER.offset, String(record.offset)],
    [DEAD_LETTER.timestamp, isoOf(record.timestampMs)],
    [DEAD_LETTER.group, group],
    [DEAD_LETTER.function, functionName],
    [DEAD_LETTER.at, isoOf(Date.now())],
  ];
  return [...originalHeaders(record), ...texts.map(([name, text]) => ({ name, value: Buffer.from(text) }))];
}

/** The headers that a message had before the platform added its own. */
export function originalHeaders({ headers }: QueueRecord): QueueHeader[] {
  return headers.filter(({ name }) => !name.startsWith(OWN_PREFIX) && name !== RETRY_GROUP_HEADER);
}

/** The last value of a header as text; undefined when it has none, or there is none. Names are compared without regard to case. */
export function headerText(headers: readonly QueueHeader[], wanted: string): string | undefined {
  for (let at = headers.length - 1; at >= 0; at--) {
    const header = headers[at];
    if (header && header.name.length === wanted.length && header.name.toLowerCase() === wanted) {
      return header.value?.toString();
    }
  }
  return undefined;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function isoOf(ms: number): string {
  // Whatever a producer wrote there.
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}
