// Record batches as Kafka stores and sends them: message format 2, which is that of Kafka 0.11 and later.
// https://kafka.apache.org/documentation/#messageformat
//
// kafkajs makes ten objects of each record, and offsets out of 64-bit classes and texts: it took a third of what the
// sidecar did with a message.
import type { BrokenBatch, QueueRecord } from '@bottle/capabilities';
import { crc32c } from '@platformatic/wasm-utils/bundled';
import { decompress } from './compression.ts';

/** Bytes of a batch before its length counts, and of its header as a whole. */
const PREFIX_BYTES = 12;
const HEADER_BYTES = 61;
/** Its checksum is of what comes from here on. */
const CHECKED_FROM = 21;
const MAGIC = 2;
const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** In the key of a control record, behind its version: the transaction was given up. */
const ABORT = 0;

const NO_HEADERS: QueueRecord['headers'] = Object.freeze([]);

/** A transaction that was given up, by the producer's id and the offset of its first record. */
export interface AbortedTransaction {
  producerId: bigint;
  firstOffset: bigint;
}

/** Where a set of batches comes from. */
export interface RecordSource {
  partition: number;
  /** The first offset that is wanted: a batch comes whole. */
  from: bigint;
  /** In the order of their first offsets. */
  aborted: readonly AbortedTransaction[];
}

export interface DecodedBatches {
  records: QueueRecord[];
  /** The offset behind the last whole batch, or `from` when there is none: a set may end in the middle of one. */
  next: bigint;
  /** What stands in the way at `next`: nothing behind it was read. */
  broken: BrokenBatch | undefined;
}

/**
 * The records of a set of batches, without those of transactions that were given up, and without the marks of
 * transactions. A batch of an older or later format, in a compression that nobody knows, or whose bytes are not those that were
 * written (CRC-32C), ends it.
 */
export async function decodeRecordBatches(
  set: Buffer,
  { partition, from, aborted }: RecordSource,
): Promise<DecodedBatches> {
  const records: QueueRecord[] = [];
  const transactions = aborted.length > 0 ? new Aborted(aborted) : undefined;
  let next = from;
  let broken: BrokenBatch | undefined;
  for (let start = 0; start + HEADER_BYTES <= set.length; ) {
    const end = start + PREFIX_BYTES + set.readInt32BE(start + 8);
    if (end > set.length) break;
    const known = records.length;
    try {
      assertWhole(set, start, end);
      const batch = headerOf(set, start);
      const isVisible = transactions === undefined || !transactions.covers(batch);
      const body = set.subarray(start + HEADER_BYTES, end);
      if (batch.attributes & CONTROL) transactions?.end(batch, body);
      else if (isVisible) readRecords(await uncompressed(body, batch.attributes), batch, { partition, from }, records);
      next = lastOf(batch) + 1n;
      start = end;
    } catch (error) {
      records.length = known;
      broken = brokenAt(set, start, (error as Error).message);
      break;
    }
  }
  return { records, next: next > from ? next : from, broken };
}

/** Throws for what is not a batch of this format, as it was written. */
function assertWhole(set: Buffer, start: number, end: number): void {
  if (end < start + HEADER_BYTES || set[start + 16] !== MAGIC)
    throw new Unreadable('not of the format that Kafka has had since 0.11');
  if (crc32c(set.subarray(start + CHECKED_FROM, end)) !== set.readUInt32BE(start + 17))
    throw new Unreadable('not what was written: its checksum is wrong');
}

/** Goes on behind it as far as its header can be trusted. */
function brokenAt(set: Buffer, start: number, reason: string): BrokenBatch {
  const offset = set.readBigInt64BE(start);
  const lastDelta = set[start + 16] === MAGIC ? set.readInt32BE(start + 23) : 0;
  return { offset, next: offset + BigInt(Math.max(lastDelta, 0)) + 1n, reason };
}

const lastOf = ({ base, lastDelta }: BatchHeader): bigint => base + BigInt(lastDelta);

interface BatchHeader {
  /** The offset of its first record, as it was written. */
  base: bigint;
  /** From there to its last one. */
  lastDelta: number;
  attributes: number;
  firstTimestamp: number;
  maxTimestamp: number;
  producerId: bigint;
  count: number;
}

function headerOf(set: Buffer, start: number): BatchHeader {
  return {
    base: set.readBigInt64BE(start),
    attributes: set.readInt16BE(start + 21),
    lastDelta: set.readInt32BE(start + 23),
    firstTimestamp: Number(set.readBigInt64BE(start + 27)),
    maxTimestamp: Number(set.readBigInt64BE(start + 35)),
    producerId: set.readBigInt64BE(start + 43),
    count: set.readInt32BE(start + 57),
  };
}

/** Which batches belong to transactions that were given up. Asked for each batch, in order. */
class Aborted {
  readonly #producers = new Set<bigint>();
  readonly #waiting: AbortedTransaction[];

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#waiting = [...transactions];
  }

  covers({ base, lastDelta, attributes, producerId }: BatchHeader): boolean {
    const last = base + BigInt(lastDelta);
    while (this.#waiting[0] && this.#waiting[0].firstOffset <= last) {
      this.#producers.add((this.#waiting.shift() as AbortedTransaction).producerId);
    }
    return (attributes & TRANSACTIONAL) !== 0 && this.#producers.has(producerId);
  }

  /** A control batch: its one record says what ended. */
  end({ producerId }: BatchHeader, body: Buffer): void {
    const reader = new RecordReader(body);
    reader.skipToKey();
    const key = reader.bytes();
    if (key && key.readInt16BE(2) === ABORT) this.#producers.delete(producerId);
  }
}

async function uncompressed(body: Buffer, attributes: number): Promise<Buffer> {
  const type = attributes & COMPRESSION;
  if (type === 0) return body;
  const result = decompress(body, type);
  if (!result) throw new Unreadable(`compressed in a way that is not known (${type})`);
  return await result.catch(() => {
    throw new Unreadable(`compressed (${type}), and not as that is done`);
  });
}

function readRecords(
  body: Buffer,
  batch: BatchHeader,
  { partition, from }: { partition: number; from: bigint },
  records: QueueRecord[],
): void {
  const { base, count, attributes, firstTimestamp, maxTimestamp } = batch;
  const reader = new RecordReader(body);
  for (let left = count; left > 0; left--) {
    const length = reader.varint();
    const end = reader.at + length;
    if (length < 0 || end > body.length) throw new Unreadable('broken inside');
    reader.at += 1; // attributes, of which there are none
    const timestampDelta = reader.varlong();
    const offset = base + BigInt(reader.varint());
    if (offset >= from) {
      records.push({
        partition,
        offset,
        timestampMs: attributes & LOG_APPEND_TIME ? maxTimestamp : firstTimestamp + timestampDelta,
        key: reader.bytes(),
        value: reader.bytes(),
        headers: headersOf(reader),
      });
      if (reader.at !== end) throw new Unreadable('broken inside');
    }
    reader.at = end;
  }
}

function headersOf(reader: RecordReader): QueueRecord['headers'] {
  const count = reader.varint();
  if (count === 0) return NO_HEADERS;
  const headers: { name: string; value: Buffer | undefined }[] = [];
  for (let left = count; left > 0; left--) {
    const name = reader.bytes()?.toString() ?? '';
    headers.push({ name, value: reader.bytes() });
  }
  return headers;
}

/** Zigzag varints, and bytes behind their length. */
class RecordReader {
  at = 0;
  readonly #body: Buffer;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** 32 bits. */
  varint(): number {
    let byte = this.#next();
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = this.#next();
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** 64 bits, of which those of a safe integer count. */
  varlong(): number {
    let byte = this.#next();
    let value = byte & 0x7f;
    for (let scale = 0x80; byte > 0x7f; scale *= 0x80) {
      byte = this.#next();
      value += (byte & 0x7f) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Undefined: there are none, which is not the same as no byte. */
  bytes(): Buffer | undefined {
    const length = this.varint();
    if (length < 0) return undefined;
    const end = this.at + length;
    if (end > this.#body.length) throw new Unreadable('broken inside');
    const bytes = this.#body.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  /** From the beginning of a record. */
  skipToKey(): void {
    this.varint(); // length
    this.at += 1;
    this.varlong();
    this.varint();
  }

  #next(): number {
    const byte = this.#body[this.at++];
    if (byte === undefined) throw new Unreadable('broken inside');
    return byte;
  }
}

class Unreadable extends Error {}
