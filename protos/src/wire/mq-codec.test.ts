import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import type { MqDelivery, MqDelivery__Output } from '../generated/bottle/v1/MqDelivery.ts';
import type { MqFailures, MqFailures__Output } from '../generated/bottle/v1/MqFailures.ts';
import { EVENT_PROTO_FILE, LOADER_OPTIONS, PROTO_DIR } from '../load.ts';
import { createMessageCodecs, type MessageDelivery, type MessageRecord } from './mq-codec.ts';

const definition = loadSync(EVENT_PROTO_FILE, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIR] });
const deliveries = definition['bottle.v1.MqDelivery'] as MessageTypeDefinition<MqDelivery, MqDelivery__Output>;
const failures = definition['bottle.v1.MqFailures'] as MessageTypeDefinition<MqFailures, MqFailures__Output>;
const codecs = createMessageCodecs();

const recordOf = (more: Partial<MessageRecord> = {}): MessageRecord => ({
  partition: 0,
  offset: 0n,
  key: undefined,
  value: undefined,
  headers: [],
  timestampMs: 0,
  ...more,
});
const DELIVERIES: MessageDelivery[] = [
  { topic: '', messages: [], pending: undefined },
  { topic: 'orders', messages: [], pending: { of: 'ab12', index: 0 } },
  { topic: 'orders', messages: [], pending: { of: 'ab12', index: 700 } },
  { topic: 'orders', messages: [{ record: recordOf(), attempt: 1 }], pending: undefined },
  {
    topic: 'orders',
    pending: undefined,
    messages: [
      { record: recordOf({ key: Buffer.alloc(0), value: Buffer.alloc(0) }), attempt: 2 },
      {
        record: recordOf({
          partition: 4_000_000_000,
          offset: 9_223_372_036_854_775_807n,
          key: Buffer.from('k'),
          value: Buffer.alloc(300_000, 'v'),
          headers: [
            { name: 'a', value: Buffer.from([0, 255]) },
            { name: 'a', value: Buffer.alloc(0) },
            { name: 'none', value: undefined },
          ],
          timestampMs: 1_799_999_999_999,
        }),
        attempt: 1_000,
      },
    ],
  },
];
const FAILURES = [
  {
    index: 0,
    error: { code: 13, reason: 'function-error', message: 'ü', detailsJson: '', httpStatus: 0, reportJson: '' },
  },
  {
    index: 70_000,
    error: {
      code: 14,
      reason: 'retry-message',
      message: '',
      detailsJson: '{"afterMs":5}',
      httpStatus: 0,
      reportJson: '',
    },
  },
];

/** As protobufjs has it: absent optional fields are missing. */
const plain = ({ topic, messages, pending }: MessageDelivery): object => ({
  topic,
  pendingOf: pending?.of ?? '',
  pendingIndex: pending?.index ?? 0,
  records: messages.map(({ record: { offset, timestampMs, key, value, headers, ...rest }, attempt }) => ({
    ...rest,
    headers: headers.map((header) =>
      header.value ? { ...header, value: header.value, _value: 'value' } : { name: header.name },
    ),
    attempt,
    offset: String(offset),
    timestampMs: String(timestampMs),
    ...(key ? { key, _key: 'key' } : {}),
    ...(value ? { value, _value: 'value' } : {}),
  })),
});

describe('the codecs of messages', () => {
  it('write deliveries that protobufjs reads, and read what it writes', () => {
    for (const delivery of DELIVERIES) {
      const bytes = codecs.encodeDelivery(delivery);
      expect(deliveries.deserialize(bytes)).toEqual(plain(delivery));
      expect(codecs.decodeDelivery(bytes)).toEqual(delivery);
      expect(codecs.decodeDelivery(deliveries.serialize(plain(delivery) as MqDelivery))).toEqual(delivery);
    }
  });
  it('write failures that protobufjs reads, and read what it writes', () => {
    const bytes = codecs.encodeFailures(FAILURES);
    expect(failures.deserialize(bytes)).toEqual({ failures: FAILURES });
    expect(codecs.decodeFailures(failures.serialize({ failures: FAILURES }))).toEqual(FAILURES);
    expect(codecs.decodeFailures(codecs.encodeFailures([]))).toEqual([]);
    expect(codecs.decodeFailures(codecs.encodeFailures([{ index: 3 }]))).toEqual([{ index: 3 }]);
    expect(failures.deserialize(codecs.encodeFailures([{ index: 3 }]))).toEqual({
      failures: [{ index: 3, error: null }],
    });
  });
  it('refuse a message that is cut short', () => {
    expect(() => codecs.decodeDelivery(Buffer.from([18, 200]))).toThrow(RangeError);
    expect(() => codecs.decodeFailures(Buffer.from([10, 5, 1]))).toThrow(RangeError);
  });
});
