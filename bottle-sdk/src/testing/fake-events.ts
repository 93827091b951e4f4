import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { jsonOf } from '../json-of.ts';
import type { CloudEvent } from '../triggers/cloud-event.ts';
import { headerPairs, type MessageHeaders } from '../mq/message-headers.ts';
import type { MqMessage, RawHeader } from '../triggers/mq-message.ts';
import type { TimerTick } from '../triggers/timer-tick.ts';

export interface FakeMessageOptions {
  /** @default 'topic' */
  topic?: string;
  /** @default 0 */
  partition?: number;
  /** @default 0 */
  offset?: bigint | number;
  /** Text; none unless given. */
  key?: string;
  /** As `publish` takes them. */
  headers?: MessageHeaders;
  /** @default now */
  timestamp?: Date;
  /** 1 for the first try. @default 1 */
  attempt?: number;
}

/** A message that remembers whether the function marked it as failed. */
export interface FakeMessage<Value = unknown> extends MqMessage<Value> {
  readonly failed: boolean;
  /** What `fail` was called with. */
  readonly failure: unknown;
}

/** A message as a function of an `mq` trigger gets it; bytes are those of its value as JSON, unless it is bytes itself. */
export function fakeMessage<Value>(value: Value, options: FakeMessageOptions = {}): FakeMessage<Value> {
  const {
    topic = 'topic',
    partition = 0,
    offset = 0,
    key,
    headers = {},
    timestamp = new Date(),
    attempt = 1,
  } = options;
  const rawHeaders = headerPairs(headers);
  let outcome: { failure: unknown } | undefined;
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key,
    keyBytes: key === undefined ? undefined : Buffer.from(key),
    value,
    bytes: bytesOf(value),
    headers: textHeaders(rawHeaders),
    rawHeaders,
    timestamp,
    attempt,
    fail(error) {
      outcome = { failure: error };
    },
    get failed() {
      return outcome !== undefined;
    },
    get failure() {
      return outcome?.failure;
    },
  };
}

function textHeaders(headers: readonly RawHeader[]): Record<string, string | string[]> {
  const texts: Record<string, string | string[]> = {};
  for (const { name, value } of headers) {
    if (!value || !isUtf8(value)) continue;
    const [lower, text] = [name.toLowerCase(), Buffer.from(value).toString()];
    const present = texts[lower];
    texts[lower] = present === undefined ? text : [present, text].flat();
  }
  return texts;
}

function bytesOf(value: unknown): Buffer | undefined {
  if (value === null || value === undefined) return undefined;
  return Buffer.from(value instanceof Uint8Array ? value : jsonOf(value));
}

export interface FakeTickOptions {
  /** @default 'timer' */
  name?: string;
  /** @default now */
  scheduledAt?: Date;
  /** @default false */
  manual?: boolean;
  /** @default the first of one */
  shard?: { index: number; count: number };
}

/** A tick as a function of a `timer` trigger gets it. */
export function fakeTick<Payload = undefined>(payload?: Payload, options: FakeTickOptions = {}): TimerTick<Payload> {
  const { name = 'timer', scheduledAt = new Date(), manual = false, shard = { index: 0, count: 1 } } = options;
  return { name, scheduledAt, manual, payload: payload as Payload, shard };
}

export interface FakeCloudEventOptions {
  /** @default a random UUID */
  id?: string;
  /** @default 'test' */
  type?: string;
  /** @default '/test' */
  source?: string;
  subject?: string;
  /** RFC 3339. @default now */
  time?: string;
  /** @default 'application/json' */
  datacontenttype?: string;
  dataschema?: string;
  /** Extension attributes. */
  extensions?: Readonly<Record<string, unknown>>;
}

/** An event as a function of a `cloudevents` trigger gets it. */
export function fakeCloudEvent<Data>(data: Data, options: FakeCloudEventOptions = {}): CloudEvent<Data> {
  const { extensions, ...attributes } = options;
  const defaults = { id: randomUUID(), type: 'test', source: '/test', time: new Date().toISOString() };
  return {
    specversion: '1.0',
    ...defaults,
    datacontenttype: 'application/json',
    ...extensions,
    ...attributes,
    data,
  };
}
