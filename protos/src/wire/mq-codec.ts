// Messages of a queue on their way to a function, and what became of them, without protobufjs' object tree: in both
// processes every message passes here. Byte-compatible with events.proto; a test holds them against protobufjs.
import type { Error as WireError, Error__Output } from '../generated/bottle/v1/Error.ts';
import { readError, writeError } from './codec.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** What the messages of a request are to the function: its content type. See events.proto. */
export const DELIVERY_TYPE = {
  one: 'application/vnd.bottle.message',
  list: 'application/vnd.bottle.messages',
  pack: 'application/vnd.bottle.message-pack',
} as const;

/** A header of a message. */
interface RecordHeader {
  readonly name: string;
  /** Undefined: it has none. */
  readonly value: Buffer | undefined;
}

/** A message as it was stored. Decoded bytes are views of the message they came in. */
export interface MessageRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | undefined;
  /** Undefined: a tombstone. */
  readonly value: Buffer | undefined;
  readonly headers: readonly RecordHeader[];
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
}

/** A message on its way. */
export interface DeliveredMessage {
  readonly record: MessageRecord;
  /** 1 for the first try. */
  readonly attempt: number;
}

/** `MqDelivery`. */
export interface MessageDelivery {
  readonly topic: string;
  readonly messages: readonly DeliveredMessage[];
  /** A message that was sent before, in place of any: see events.proto. */
  readonly pending?: PendingMessage | undefined;
}

export interface PendingMessage {
  readonly of: string;
  readonly index: number;
}

/** `MqFailure`: without an error, it has not ended. */
interface MessageFailure<Failure = Error__Output> {
  readonly index: number;
  readonly error?: Failure | undefined;
}

export interface MessageCodecs {
  encodeDelivery(delivery: MessageDelivery): Buffer;
  decodeDelivery(bytes: Buffer): MessageDelivery;
  encodeFailures(failures: readonly MessageFailure<WireError>[]): Buffer;
  decodeFailures(bytes: Buffer): MessageFailure[];
}

/** Decoding throws RangeError for bytes that are no such message. */
export function createMessageCodecs(): MessageCodecs {
  const writer = new WireWriter();
  return {
    encodeDelivery({ topic, messages, pending }) {
      writer.string(1, topic);
      for (const { record, attempt } of messages) {
        const start = writer.beginMessage(2);
        writeRecord(writer, record, attempt);
        writer.endMessage(start);
      }
      if (pending) {
        writer.string(3, pending.of);
        writer.uint32(4, pending.index);
      }
      return writer.finish();
    },
    decodeDelivery,
    encodeFailures(failures) {
      for (const { index, error } of failures) {
        const start = writer.beginMessage(1);
        writer.uint32(1, index);
        if (error) {
          const inner = writer.beginMessage(2);
          writeError(writer, error);
          writer.endMessage(inner);
        }
        writer.endMessage(start);
      }
      return writer.finish();
    },
    decodeFailures(bytes) {
      const reader = new WireReader(bytes);
      const failures: MessageFailure[] = [];
      while (reader.next()) {
        if (reader.field === 1) failures.push(readFailure(reader.message()));
        else reader.skip();
      }
      return failures;
    },
  };
}

function decodeDelivery(bytes: Buffer): MessageDelivery {
  const reader = new WireReader(bytes);
  const messages: DeliveredMessage[] = [];
  let [topic, pendingOf, pendingIndex] = ['', '', 0];
  while (reader.next()) {
    if (reader.field === 1) topic = reader.string();
    else if (reader.field === 2) messages.push(readMessage(reader));
    else if (reader.field === 3) pendingOf = reader.string();
    else if (reader.field === 4) pendingIndex = reader.uint32();
    else reader.skip();
  }
  return { topic, messages, pending: pendingOf === '' ? undefined : { of: pendingOf, index: pendingIndex } };
}

function writeRecord(out: WireWriter, record: MessageRecord, attempt: number): void {
  out.uint32(1, record.partition);
  out.uint64(2, record.offset);
  if (record.key) out.bytesItem(3, record.key);
  if (record.value) out.bytesItem(4, record.value);
  for (const { name, value } of record.headers) {
    const start = out.beginMessage(5);
    out.string(1, name);
    if (value) out.bytesItem(2, value);
    out.endMessage(start);
  }
  out.uint64(6, record.timestampMs);
  out.uint32(7, attempt);
}

function readMessage(reader: WireReader): DeliveredMessage {
  const headers: RecordHeader[] = [];
  let [partition, offset, timestampMs, attempt] = [0, 0n, 0, 0];
  let [key, value]: (Buffer | undefined)[] = [];
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) partition = reader.uint32();
    else if (reader.field === 2) offset = BigInt(reader.uint64());
    else if (reader.field === 3) key = reader.bytes();
    else if (reader.field === 4) value = reader.bytes();
    else if (reader.field === 5) headers.push(readHeader(reader.message()));
    else if (reader.field === 6) timestampMs = Number(reader.uint64());
    else if (reader.field === 7) attempt = reader.uint32();
    else reader.skip();
  }
  reader.leave(outer);
  return { record: { partition, offset, key, value, headers, timestampMs }, attempt };
}

function readHeader(reader: WireReader): RecordHeader {
  let name = '';
  let value: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) value = reader.bytes();
    else reader.skip();
  }
  return { name, value };
}

function readFailure(reader: WireReader): MessageFailure {
  let index = 0;
  let error: Error__Output | undefined;
  while (reader.next()) {
    if (reader.field === 1) index = reader.uint32();
    else if (reader.field === 2) error = readError(reader.message());
    else reader.skip();
  }
  return { index, error };
}
