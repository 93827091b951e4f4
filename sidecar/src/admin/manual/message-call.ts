import {
  createMessageCodecs,
  DELIVERY_TYPE,
  type FunctionInfo,
  fromWireError,
  type MqTrigger__Output,
  toJson,
} from '@bottle/protos';
import { z } from 'zod';
import type { Outcome } from '../../layer.ts';
import {
  assertFlags,
  badEvent,
  type Given,
  type ManualCall,
  type ManualExample,
  type Pair,
  wholeBody,
} from './manual-call.ts';
import { parseMembers } from './parse-given.ts';

const members = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        key: z.string().optional(),
        headers: z.record(z.string(), z.string()).default({}),
        value: z.unknown().optional(),
      }),
    )
    .min(1),
});

interface Message {
  key: string | undefined;
  headers: readonly Pair[];
  /** Undefined: a tombstone. */
  value: Buffer | undefined;
}

/** A message of the trigger's topic; for a trigger with `batch` a list of them. */
export function messageCall({ name }: FunctionInfo, trigger: MqTrigger__Output, given: Given): ManualCall {
  assertFlags(given, 'mq', ['headers']);
  const { topic, group, batch } = trigger;
  const written = given.members === undefined ? [oneMessage(given)] : fromMembers(given, given.members);
  const most = Math.max(1, batch);
  if (written.length > most)
    throw badEvent(
      `${name} takes ${batch === 0 ? 'one message' : `up to ${batch} messages`} at a time, not ${written.length}`,
    );
  const messages = written.map(({ key, headers, value }, at) => ({
    record: {
      partition: 0,
      offset: BigInt(at),
      key: key === undefined ? undefined : Buffer.from(key),
      value,
      headers: headers.map(([header, text]) => ({ name: header, value: Buffer.from(text) })),
      timestampMs: Date.now(),
    },
    attempt: 1,
  }));
  const attributes = [
    'topic',
    topic,
    'group',
    group,
    'partition',
    '0',
    'offset',
    '0',
    'attempt',
    '1',
    'manual',
    'true',
  ];
  return {
    target: {
      kind: 'event',
      function: name,
      contentType: batch > 0 ? DELIVERY_TYPE.list : DELIVERY_TYPE.one,
      trigger: 'TRIGGER_KIND_MQ',
      attributes,
    },
    body: wholeBody(createMessageCodecs().encodeDelivery({ topic, messages })),
    traceparent: commonHeader(written, 'traceparent'),
    baggage: commonHeader(written, 'baggage'),
    answer: batch > 0 ? withoutFailures : noResult,
  };
}

/** As many messages as say what a list is. */
export function messageExample({ topic, batch }: MqTrigger__Output, as: string | undefined): ManualExample {
  const message = (number: number): object => ({
    key: `example-${number}`,
    headers: { 'content-type': 'application/json' },
    value: {},
  });
  const messages = batch > 1 ? [message(1), message(2)] : [message(1)];
  return {
    event: { $event: as ?? `mq:${topic}`, messages },
    flags: [],
    byFlags: [...(as === undefined ? [] : ['--as', as]), '--data', '{}'],
  };
}

function oneMessage({ headers, data, contentType }: Given): Message {
  return { key: undefined, headers: withType(headers, contentType), value: data };
}

/** Flags overrule what the event says. */
function fromMembers(given: Given, whole: object): Message[] {
  return parseMembers(members, 'mq', whole).messages.map(({ key, headers, value }) => {
    const own = Object.entries(headers).map(([name, text]): Pair => [name.toLowerCase(), text]);
    const kept = own.filter(([name]) => !given.headers.some(([other]) => other === name));
    const all = withType([...kept, ...given.headers], 'application/json');
    return { key, headers: all, value: bytesOf(value, all) };
  });
}

function bytesOf(value: unknown, headers: readonly Pair[]): Buffer | undefined {
  if (value === undefined) return undefined;
  const isJson = headers.some(([name, text]) => name === 'content-type' && /[/+]json\b/i.test(text));
  return Buffer.from(typeof value === 'string' && !isJson ? value : (toJson(value) ?? 'null'));
}

function withType(headers: readonly Pair[], contentType: string): readonly Pair[] {
  return headers.some(([name]) => name === 'content-type') ? headers : [['content-type', contentType], ...headers];
}

/** A list belongs to a trace when all of its messages do. */
function commonHeader(messages: readonly Message[], wanted: string): string | undefined {
  const values = new Set(messages.map(({ headers }) => headers.find(([name]) => name === wanted)?.[1]));
  return values.size === 1 ? [...values][0] : undefined;
}

/** Which messages failed is the answer of a list. Throws what the function said of the first one. */
function withoutFailures(outcome: Outcome): Outcome {
  const [failure] = createMessageCodecs().decodeFailures(outcome.response.body);
  if (failure?.error) throw fromWireError(failure.error);
  return noResult(outcome);
}

/** What a function returns for messages is for nobody. */
function noResult({ response }: Outcome): Outcome {
  return { response: { ...response, value: { contentType: 'application/json' }, body: Buffer.alloc(0) } };
}
