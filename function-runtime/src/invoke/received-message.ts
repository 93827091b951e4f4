import { isUtf8 } from 'node:buffer';
import type { DeliveredMessage, MessageRecord } from '@bottle/protos';
import type { MqMessage, RawHeader } from 'bottle-sdk';
import { decodeValue } from './decode-event.ts';

/** A message as the function sees it. What most functions never look at is made when it is first asked for. */
export class ReceivedMessage implements MqMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly keyBytes: Buffer | undefined;
  readonly value: unknown;
  readonly bytes: Buffer | undefined;
  readonly attempt: number;
  /** Its place in the delivery. */
  readonly index: number;
  /** Set when the function marked it. */
  failure: { error: unknown } | undefined;
  readonly #record: MessageRecord;
  #headers: Readonly<Record<string, string | readonly string[]>> | undefined;

  /** Throws INVALID_ARGUMENT when the value is not what its content type says. */
  constructor(topic: string, { record, attempt }: DeliveredMessage, index: number) {
    this.topic = topic;
    this.partition = record.partition;
    this.offset = record.offset;
    this.keyBytes = record.key;
    this.bytes = record.value;
    this.value = record.value === undefined ? null : decodeValue(record.value, contentTypeOf(record));
    this.attempt = attempt;
    this.index = index;
    this.#record = record;
  }

  get key(): string | undefined {
    return this.keyBytes?.toString();
  }

  get timestamp(): Date {
    return new Date(this.#record.timestampMs);
  }

  get headers(): Readonly<Record<string, string | readonly string[]>> {
    this.#headers ??= headersOf(this.#record);
    return this.#headers;
  }

  get rawHeaders(): readonly RawHeader[] {
    return this.#record.headers.map(({ name, value = null }) => ({ name, value }));
  }

  fail(error?: unknown): void {
    this.failure = { error };
  }
}

/** That of the header; JSON without one. */
function contentTypeOf({ headers }: MessageRecord): string {
  for (const { name, value } of headers) {
    if (value && name.length === 12 && name.toLowerCase() === 'content-type') return value.toString();
  }
  return 'application/json';
}

/** Those that are text. */
function headersOf({ headers }: MessageRecord): Readonly<Record<string, string | readonly string[]>> {
  const texts = Object.create(null) as Record<string, string | string[]>;
  for (const { name, value } of headers) {
    if (!value || !isUtf8(value)) continue;
    const lower = name.toLowerCase();
    const present = texts[lower];
    texts[lower] = present === undefined ? value.toString() : [present, value.toString()].flat();
  }
  return texts;
}
