import { createRequire } from 'node:module';
import { crc32c } from '@platformatic/wasm-utils/bundled';

// What kafkajs sends is the measure of what is read.
const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(batch: object): Promise<{ buffer: Buffer }>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;
const Long = require('kafkajs/src/utils/long') as { fromValue(value: number | string): object };

/** A batch of records. */
export interface Written {
  base: number;
  records?: { delta?: number; key?: Buffer | null; value?: Buffer | null; headers?: object; later?: number }[];
  producer?: number;
  /** The end of a transaction. */
  end?: 'commit' | 'abort';
  compression?: number;
}

/** When the first record of every batch was published. */
export const FIRST_MS = 1_700_000_000_000;
const CONTROL_BIT = 0x20;

/** The bytes of a batch, as a broker stores it. */
export async function batchOf({ base, records = [{}], producer, end, compression = 0 }: Written): Promise<Buffer> {
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
  return sealed(buffer);
}

/** With the checksum of what it has now. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
