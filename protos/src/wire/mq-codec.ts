// Messages of a queue on their way to a function, and which of them failed, without protobufjs' object tree: in both
// processes every message passes here. Byte-compatible with events.proto; a test holds them against protobufjs.
import type { Error as WireError, Error__Output } from '../generated/bottle/v1/Error.ts';
import { readError, writeError } from './codec.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** `MqDelivery`. Absent keys and values are undefined. */
export interface MessageDelivery {
  topic: string;
  list: boolean;
  records: DeliveredRecord[];
}

/** `MqRecord`. Decoded bytes are views of the message they came in. */
export interface DeliveredRecord {
  partition: number;
  offset: bigint;
  key: Buffer | undefined;
  value: Buffer | undefined;
  headers: readonly { name: string; value: Buffer }[];
  timestampMs: number;
  attempt: number;
}

/** `MqFailure`. */
export interface RecordFailure<Failure = Error__Output> {
  index: number;
  error: Failure;
}

export interface MessageCodecs {
  encodeDelivery(delivery: MessageDelivery): Buffer;
  decodeDelivery(bytes: Buffer): MessageDelivery;
  encodeFailures(failures: readonly RecordFailure<WireError>[]): Buffer;
  decodeFailures(bytes: Buffer): RecordFailure[];
}

/** Decoding throws RangeError for bytes that are no such message. */
export function createMessageCodecs(): MessageCodecs {
  const writer = new WireWriter();
  return {
    encodeDelivery({ topic, list, records }) {
      writer.string(1, topic);
      writer.bool(2, list);
      for (const record of records) {
        const start = writer.beginMessage(3);
        writeRecord(writer, record);
        writer.endMessage(start);
      }
      return writer.finish();
    },
    decodeDelivery(bytes) {
      const reader = new WireReader(bytes);
      const delivery: MessageDelivery = { topic: '', list: false, records: [] };
      while (reader.next()) {
        if (reader.field === 1) delivery.topic = reader.string();
        else if (reader.field === 2) delivery.list = reader.bool();
        else if (reader.field === 3) delivery.records.push(readRecord(reader.message()));
        else reader.skip();
      }
      return delivery;
    },
    encodeFailures(failures) {
      for (const { index, error } of failures) {
        const start = writer.beginMessage(1);
        writer.uint32(1, index);
        const inner = writer.beginMessage(2);
        writeError(writer, error);
        writer.endMessage(inner);
        writer.endMessage(start);
      }
      return writer.finish();
    },
    decodeFailures(bytes) {
      const reader = new WireReader(bytes);
      const failures: RecordFailure[] = [];
      while (reader.next()) {
        if (reader.field === 1) failures.push(readFailure(reader.message()));
        else reader.skip();
      }
      return failures;
    },
  };
}

function writeRecord(out: WireWriter, record: DeliveredRecord): void {
  out.uint32(1, record.partition);
  out.uint64(2, record.offset);
  if (record.key) out.bytesItem(3, record.key);
  if (record.value) out.bytesItem(4, record.value);
  for (const { name, value } of record.headers) {
    const start = out.beginMessage(5);
    out.string(1, name);
    out.bytes(2, value);
    out.endMessage(start);
  }
  out.uint64(6, record.timestampMs);
  out.uint32(7, record.attempt);
}

function readRecord(reader: WireReader): DeliveredRecord {
  const headers: { name: string; value: Buffer }[] = [];
  const record: DeliveredRecord = {
    partition: 0,
    offset: 0n,
    key: undefined,
    value: undefined,
    headers,
    timestampMs: 0,
    attempt: 0,
  };
  while (reader.next()) {
    if (reader.field === 1) record.partition = reader.uint32();
    else if (reader.field === 2) record.offset = BigInt(reader.uint64());
    else if (reader.field === 3) record.key = reader.bytes();
    else if (reader.field === 4) record.value = reader.bytes();
    else if (reader.field === 5) headers.push(readHeader(reader.message()));
    else if (reader.field === 6) record.timestampMs = Number(reader.uint64());
    else if (reader.field === 7) record.attempt = reader.uint32();
    else reader.skip();
  }
  return record;
}

function readHeader(reader: WireReader): { name: string; value: Buffer } {
  const header = { name: '', value: Buffer.alloc(0) };
  while (reader.next()) {
    if (reader.field === 1) header.name = reader.string();
    else if (reader.field === 2) header.value = reader.bytes();
    else reader.skip();
  }
  return header;
}

function readFailure(reader: WireReader): RecordFailure {
  const failure: RecordFailure = { index: 0, error: readError(new WireReader(Buffer.alloc(0))) };
  while (reader.next()) {
    if (reader.field === 1) failure.index = reader.uint32();
    else if (reader.field === 2) failure.error = readError(reader.message());
    else reader.skip();
  }
  return failure;
}
