import { setImmediate as nextTurn } from 'node:timers/promises';
import { CallError, Code, definitionOf, type MqHeader, type MqMessage } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';
import { jsonOf } from '../json-of.ts';
import type { CallOptions, ResourceCalls } from '../resource-calls.ts';
import { utf8Of } from '../utf8-of.ts';
import { headerPairs, type MessageHeaders } from './message-headers.ts';

/** Messages travel in calls of about this size: neither this process nor the sidecar handles more in one turn. */
const CALL_MESSAGES = 250;
const CALL_BYTES = 256 * 1024;

/** What a message carries beside its value. */
export interface MessageOptions {
  /** Messages of one key go to one partition, in order. */
  key?: string | Uint8Array | undefined;
  /** `content-type` is set by the kind of value unless it is given; `traceparent` and `baggage` by the platform. */
  headers?: MessageHeaders | undefined;
  /** This partition, whatever the key says. */
  partition?: number | undefined;
  /** How long until consumers see it. Drivers that cannot (Kafka) refuse it with UNIMPLEMENTED. */
  delay?: Duration | undefined;
  /** When it happened, as a Date or milliseconds since 1970. @default now */
  timestamp?: Date | number | undefined;
}

export interface PublishOptions extends MessageOptions, CallOptions {}

/** One of several messages. */
export interface OutgoingMessage extends MessageOptions {
  /** See {@link MqClient.publish}. */
  value: unknown;
}

/** Where a message went. */
export interface Receipt {
  partition: number;
  /** Its position in the partition; -1n where the operator chose not to wait for acknowledgements. */
  offset: bigint;
}

/** One message queue. */
export class MqClient {
  readonly #calls: ResourceCalls;
  readonly #methods = definitionOf('mq');

  constructor(calls: ResourceCalls) {
    this.#calls = calls;
  }

  /**
   * Resolves when the message is stored as safely as the resource is configured to store it. When it rejects, the
   * message is not stored, or (`outcome` is 'unknown') nobody knows. Text and bytes go as they are, null is a
   * tombstone, everything else becomes JSON.
   */
  async publish(topic: string, value: unknown, options: PublishOptions = {}): Promise<Receipt> {
    const [receipt] = await this.publishMany(topic, [{ ...options, value }], options);
    if (receipt) return receipt;
    throw new CallError(Code.INTERNAL, 'internal', 'the answer has no receipt');
  }

  /**
   * The same for several messages, with their receipts in order. They are stored in their order, many at a time, and are
   * no transaction: when it rejects, some of them may be stored. A value that cannot be sent rejects it before any is.
   */
  async publishMany(
    topic: string,
    messages: readonly OutgoingMessage[],
    options: CallOptions = {},
  ): Promise<Receipt[]> {
    const all: Receipt[] = [];
    for (const part of await toCalls(messages)) {
      const { receipts } = await this.#calls.unary(this.#methods.Publish, { topic, messages: part }, options);
      for (const { partition, offset } of receipts) all.push({ partition, offset: BigInt(offset) });
    }
    return all;
  }
}

/** What goes into each call. All are encoded before the first one leaves, with other things in between. */
async function toCalls(messages: readonly OutgoingMessage[]): Promise<MqMessage[][]> {
  const calls: MqMessage[][] = [];
  let bytes = CALL_BYTES;
  let part: MqMessage[] = [];
  for (const message of messages.slice()) {
    if (part.length === CALL_MESSAGES || bytes >= CALL_BYTES) {
      if (calls.length > 0) await nextTurn();
      part = [];
      bytes = 0;
      calls.push(part);
    }
    const encoded = toMessage(message);
    part.push(encoded);
    bytes += (encoded.value?.length ?? 0) + (encoded.key?.length ?? 0);
  }
  return calls;
}

function toMessage({ value, key, headers = {}, partition, delay, timestamp }: OutgoingMessage): MqMessage {
  const { bytes, contentType } = encode(value);
  const given = headerPairs(headers).map(({ name, value }): MqHeader => (value === null ? { name } : { name, value }));
  const isTyped = contentType === undefined || given.some(({ name }) => name?.toLowerCase() === 'content-type');
  const typed: MqHeader[] = isTyped ? given : [{ name: 'content-type', value: Buffer.from(contentType) }, ...given];
  return {
    headers: typed,
    delayMs: delay === undefined ? 0 : toMs(delay),
    timestampMs: timestamp === undefined ? 0 : timeOf(timestamp),
    ...(bytes === undefined ? {} : { value: bytes }),
    ...(key === undefined ? {} : { key: keyOf(key) }),
    ...(partition === undefined ? {} : { partition: checked(partition) }),
  };
}

function encode(value: unknown): { bytes?: Uint8Array; contentType?: string } {
  if (value === null) return {};
  if (typeof value === 'string') return { bytes: utf8Of(value, 'the value'), contentType: 'text/plain; charset=utf-8' };
  if (value instanceof Uint8Array) return { bytes: value, contentType: 'application/octet-stream' };
  return { bytes: Buffer.from(jsonOf(value, 'null is a tombstone')), contentType: 'application/json' };
}

function timeOf(timestamp: Date | number): number {
  const ms = Math.round(Number(timestamp));
  if (Number.isSafeInteger(ms) && ms > 0) return ms;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-timestamp', 'a timestamp is milliseconds since 1970, or a Date');
}

/** On the wire it has no sign: -1 would become a very large one. */
function checked(partition: number): number {
  if (Number.isSafeInteger(partition) && partition >= 0 && partition < 2 ** 31) return partition;
  throw new CallError(Code.OUT_OF_RANGE, 'no-partition', `${partition} is not the number of a partition`);
}

function keyOf(key: string | Uint8Array): Uint8Array {
  if (typeof key === 'string') return utf8Of(key, 'the key');
  if (key instanceof Uint8Array) return key;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-key', `a key is text or bytes, not ${typeof key}`);
}
