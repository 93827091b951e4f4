import { randomUUID } from 'node:crypto';
import type { QueueRecord } from '@bottle/capabilities';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { fromKafkaError } from './kafka-errors.ts';
import { recordOf } from './kafka-records.ts';
import { createKafkaClient } from './kafka-session.ts';

const TIMEOUT_MS = 30_000;
const FETCH_WAIT_MS = 100;

/** The part of a partition that is to be read: `end` is not part of it. */
export interface BrowseRange {
  partition: number;
  from: bigint;
  end: bigint;
}

/**
 * Reads what is in these ranges, at most `limit` records, with a group of its own that is gone afterwards. `topic` is the
 * broker's name of it. For operators: it takes most of a second.
 */
export async function browseTopic(
  { settings, log }: { settings: KafkaConfig; log: Logger },
  topic: string,
  ranges: readonly BrowseRange[],
  limit: number,
): Promise<QueueRecord[]> {
  const missing = new Map(ranges.filter(({ from, end }) => from < end).map((range) => [range.partition, range]));
  const records: QueueRecord[] = [];
  if (missing.size === 0 || limit <= 0) return records;
  const groupId = `bottle-browse-${randomUUID()}`;
  const kafka = createKafkaClient({ settings, log });
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    retry: { restartOnFailure: async () => false },
  });
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(() => done.reject(new Error(`reading ${topic} took too long`)), TIMEOUT_MS);
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, isStale }) => {
        const range = missing.get(batch.partition);
        if (!range || isStale()) return;
        for (const message of batch.messages) {
          const record = recordOf(batch.partition, message);
          if (record.offset >= range.from && record.offset < range.end && records.length < limit) records.push(record);
        }
        if (BigInt(batch.lastOffset()) + 1n >= range.end) missing.delete(batch.partition);
        if (missing.size === 0 || records.length >= limit) done.resolve();
      },
    });
    for (const { partition, from } of missing.values()) consumer.seek({ topic, partition, offset: String(from) });
    await done.promise;
  } catch (thrown) {
    throw fromKafkaError(thrown);
  } finally {
    clearTimeout(timer);
    await consumer.disconnect().catch(() => {}); // read or failed, it is over
    const admin = kafka.admin();
    await admin
      .connect()
      .then(() => admin.deleteGroups([groupId]))
      .catch(() => {}); // brokers forget empty groups themselves
    await admin.disconnect().catch(() => {});
  }
  return records.sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
}
