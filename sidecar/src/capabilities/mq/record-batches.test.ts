import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type AbortedTransaction, decodeRecordBatches } from './record-batches.ts';

// What kafkajs sends is the measure of what is read.
const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(batch: object): Promise<{ buffer: Buffer }>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;
const Long = require('kafkajs/src/utils/long') as { fromValue(value: number | string): object };

interface Written {
  base: number;
  records?: { delta?: number; key?: Buffer | null; value?: Buffer | null; headers?: object; later?: number }[];
  producer?: number;
  /** The end of a transaction. */
  end?: 'commit' | 'abort';
  compression?: number;
}

const FIRST_MS = 1_700_000_000_000;
const CONTROL_BIT = 0x20;

async function batchOf({ base, records = [{}], producer, end, compression = 0 }: Written): Promise<Buffer> {
  const marks = { commit: Buffer.from([0, 0, 0, 1]), abort: Buffer.from([0, 0, 0, 0]) };
  const written = end === undefined ? records : [{ key: marks[end], value: Buffer.alloc(6) }];
  const { buffer } = await RecordBatch({
    compression,
    firstOffset: Long.fromValue(base),
    firstTimestamp: FIRST_MS,
    maxTimestamp: FIRST_MS + 5,
    lastOffsetDelta: written.at(-1)?.delta ?? written.length - 1,
    transactional: producer !== undefined,
    producerId: Long.fromValue(producer ?? -1),
    records: written.map(({ delta, later = 0, key = null, value = Buffer.from('v'), headers = {} }, at) =>
      Record({ offsetDelta: delta ?? at, timestampDelta: Long.fromValue(later), key, value, headers }),
    ),
  });
  if (end !== undefined) buffer.writeInt16BE(buffer.readInt16BE(21) | CONTROL_BIT, 21);
  return buffer;
}

async function decode(written: readonly Written[], from = 0n, aborted: AbortedTransaction[] = []) {
  const set = Buffer.concat(await Promise.all(written.map(batchOf)));
  return await decodeRecordBatches(set, { partition: 3, from, aborted });
}
const offsets = async (...args: Parameters<typeof decode>): Promise<number[]> =>
  (await decode(...args)).records.map(({ offset }) => Number(offset));

describe('record batches', () => {
  it('carry keys, values, headers and times as they were sent', async () => {
    const long = Buffer.alloc(70_000, 'x');
    const { records, next } = await decode([
      {
        base: 2 ** 40,
        records: [
          { key: Buffer.from('k'), value: long, headers: { a: ['1', '2'], ü: '' } },
          { value: null, later: 2 ** 35 },
          { key: Buffer.alloc(0), value: Buffer.alloc(0), later: -7, delta: 300 },
        ],
      },
    ]);
    const base = 2n ** 40n;
    expect(records).toEqual([
      {
        partition: 3,
        offset: base,
        key: Buffer.from('k'),
        value: long,
        headers: [
          { name: 'a', value: Buffer.from('1') },
          { name: 'a', value: Buffer.from('2') },
          { name: 'ü', value: Buffer.alloc(0) },
        ],
        timestampMs: FIRST_MS,
      },
      {
        partition: 3,
        offset: base + 1n,
        key: undefined,
        value: undefined,
        headers: [],
        timestampMs: FIRST_MS + 2 ** 35,
      },
      {
        partition: 3,
        offset: base + 300n,
        key: Buffer.alloc(0),
        value: Buffer.alloc(0),
        headers: [],
        timestampMs: FIRST_MS - 7,
      },
    ]);
    expect(next).toBe(base + 301n);
  });
  it('have the time of the log where the topic says so', async () => {
    const set = await batchOf({ base: 0, records: [{ later: 2 }] });
    set.writeInt16BE(0x08, 21);
    const { records } = await decodeRecordBatches(set, { partition: 0, from: 0n, aborted: [] });
    expect(records[0]?.timestampMs).toBe(FIRST_MS + 5);
  });
  it('are decompressed', async () => {
    const records = Array.from({ length: 500 }, (_, at) => ({ value: Buffer.from(`value ${at}`) }));
    const decoded = await decode([{ base: 10, records, compression: 1 }]);
    expect(decoded.records.map(({ value }) => String(value))).toEqual(records.map(({ value }) => String(value)));
    expect(decoded.next).toBe(510n);
  });
  it('begin where they were asked for: a batch comes whole', async () => {
    expect(await offsets([{ base: 3, records: [{}, {}, {}] }, { base: 6 }], 4n)).toEqual([4, 5, 6]);
  });
  it('end with the last whole one: the set is cut off anywhere', async () => {
    const whole = await batchOf({ base: 0, records: [{}, {}] });
    const set = Buffer.concat([whole, await batchOf({ base: 2 })]);
    for (let length = whole.length; length < set.length; length++) {
      const { records, next } = await decodeRecordBatches(set.subarray(0, length), {
        partition: 0,
        from: 0n,
        aborted: [],
      });
      expect([records.length, next]).toEqual([2, 2n]);
    }
    const none = await decodeRecordBatches(whole.subarray(0, -1), { partition: 0, from: 1n, aborted: [] });
    expect(none).toEqual({ records: [], next: 1n });
  });
  it('go on behind a batch that compaction has emptied', async () => {
    const { records, next } = await decode([{ base: 5, records: [{ delta: 9 }] }], 6n);
    expect([records.map(({ offset }) => offset), next]).toEqual([[14n], 15n]);
  });
  it('are without the marks of transactions, and without what was given up', async () => {
    const written: Written[] = [
      { base: 0 },
      { base: 1, producer: 7 },
      { base: 2, producer: 8 },
      { base: 3, producer: 7, end: 'abort' },
      { base: 4, producer: 8, end: 'commit' },
      { base: 5, producer: 7 },
      { base: 6, producer: 7, end: 'commit' },
      { base: 7, producer: 8 },
      { base: 8 },
      { base: 9, producer: 8, end: 'abort' },
    ];
    const aborted = [
      { producerId: 7n, firstOffset: 1n },
      { producerId: 8n, firstOffset: 7n },
    ];
    expect(await offsets(written, 0n, aborted)).toEqual([0, 2, 5, 8]);
    expect((await decode(written, 0n, aborted)).next).toBe(10n);
  });
  it('are refused when they are broken, old, or compressed in a way nobody knows', async () => {
    const set = await batchOf({ base: 0, records: [{ value: Buffer.alloc(200) }] });
    const read = (change: (bytes: Buffer) => void): Promise<unknown> => {
      const copy = Buffer.from(set);
      change(copy);
      return decodeRecordBatches(copy, { partition: 0, from: 0n, aborted: [] });
    };
    await expect(read((bytes) => bytes.writeInt8(1, 16))).rejects.toThrow('format 2');
    await expect(read((bytes) => bytes.writeInt16BE(7, 21))).rejects.toThrow('not known (7)');
    await expect(read((bytes) => bytes.writeInt16BE(2, 21))).rejects.toThrow('Snappy compression not implemented');
    await expect(read((bytes) => bytes.writeInt16BE(1, 21))).rejects.toThrow(
      'it is compressed: incorrect header check',
    );
    await expect(read((bytes) => bytes.writeInt32BE(-1, 8))).rejects.toThrow('cannot be read');
    await expect(read((bytes) => bytes.writeInt32BE(2, 57))).rejects.toThrow('broken');
    await expect(read((bytes) => bytes.fill(0xff, 61, 66))).rejects.toThrow('broken');
  });
});
