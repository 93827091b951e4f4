import { snappyCompress } from '@platformatic/wasm-utils/bundled';
import { describe, expect, it } from 'vitest';
import { batchOf, FIRST_MS, sealed, type Written } from './testing/kafka-batches.ts';
import { addCodecs } from './compression.ts';
import { type AbortedTransaction, decodeRecordBatches } from './record-batches.ts';

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
    const { records } = await decodeRecordBatches(sealed(set), { partition: 0, from: 0n, aborted: [] });
    expect(records[0]?.timestampMs).toBe(FIRST_MS + 5);
  });
  it.each([1, 2, 3, 4])('are decompressed (%i)', async (compression) => {
    addCodecs();
    const records = Array.from({ length: 500 }, (_, at) => ({ value: Buffer.from(`value ${at}`) }));
    const decoded = await decode([{ base: 10, records, compression }]);
    expect(decoded.records.map(({ value }) => String(value))).toEqual(records.map(({ value }) => String(value)));
    expect(decoded.next).toBe(510n);
  });
  it('are decompressed from snappy in frames, as Kafka’s own clients write it', async () => {
    const plain = await batchOf({ base: 0, records: [{ value: Buffer.from('a'.repeat(100)) }, {}] });
    const blocks = [plain.subarray(61, 90), plain.subarray(90)].map((block) => {
      const bytes = snappyCompress(block);
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    });
    const frame = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    const batch = Buffer.concat([plain.subarray(0, 61), frame, ...blocks]);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt16BE(2, 21);
    const { records, broken } = await decodeRecordBatches(sealed(batch), { partition: 0, from: 0n, aborted: [] });
    expect([records.length, String(records[0]?.value), broken]).toEqual([2, 'a'.repeat(100), undefined]);
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
    expect(none).toEqual({ records: [], next: 1n, broken: undefined });
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
  it('end before one that is old, altered, broken inside, or compressed in a way nobody knows', async () => {
    const good = await batchOf({ base: 0, records: [{}, {}] });
    const bad = await batchOf({ base: 2, records: [{ value: Buffer.alloc(200) }, {}, {}] });
    const after = await batchOf({ base: 5 });
    const read = async (change: (bytes: Buffer) => void, seal = sealed) => {
      const copy = Buffer.from(bad);
      change(copy);
      const set = Buffer.concat([good, seal(copy), after]);
      const { records, next, broken } = await decodeRecordBatches(set, { partition: 0, from: 0n, aborted: [] });
      expect([records.length, next, broken?.offset]).toEqual([2, 2n, 2n]);
      return broken;
    };
    const unsealed = (batch: Buffer): Buffer => batch;
    expect(await read((bytes) => bytes.writeInt8(1, 16))).toMatchObject({
      next: 3n,
      reason: expect.stringMatching(/^not of the format/),
    });
    expect(await read((bytes) => bytes.fill(1, 100, 101), unsealed)).toMatchObject({
      next: 5n,
      reason: expect.stringMatching(/checksum/),
    });
    for (const [change, reason] of [
      [(bytes) => bytes.writeInt16BE(7, 21), /not known \(7\)/],
      [(bytes) => bytes.writeInt16BE(1, 21), /^compressed \(1\), and not/],
      [(bytes) => bytes.writeInt16BE(2, 21), /^compressed \(2\), and not/],
      [(bytes) => bytes.writeInt16BE(3, 21), /^compressed \(3\), and not/],
      [(bytes) => bytes.writeInt32BE(4, 57), /broken inside/],
      [(bytes) => bytes.fill(0xff, 61, 66), /broken inside/],
    ] as [(bytes: Buffer) => void, RegExp][]) {
      const broken = await read(change);
      expect(broken?.reason).toMatch(reason);
      expect(broken?.next).toBe(5n);
    }
    const cut = Buffer.from(bad);
    cut.writeInt32BE(-1, 8);
    const { broken } = await decodeRecordBatches(cut, { partition: 0, from: 0n, aborted: [] });
    expect(broken?.offset).toBe(2n);
  });
});
