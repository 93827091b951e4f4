import type { QueueRecord } from '@bottle/capabilities';
import kafkajs, { type Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { fromKafkaError } from './kafka-errors.ts';
import { type FetchResponse, visibleRecords } from './kafka-records.ts';
import { createKafkaClient } from './kafka-session.ts';

const TIMEOUT_MS = 30_000;
const FETCH_BYTES = 1024 * 1024;
const READ_COMMITTED = 1;

/** The part of a partition that is to be read: `end` is not part of it. */
export interface BrowseRange {
  partition: number;
  from: bigint;
  end: bigint;
}

/** Reads what is in these ranges, at most `limit` records, as no group. `topic` is the broker's name of it. */
export async function browseTopic(
  { settings, log }: { settings: KafkaConfig; log: Logger },
  topic: string,
  ranges: readonly BrowseRange[],
  limit: number,
): Promise<QueueRecord[]> {
  const records: QueueRecord[] = [];
  if (limit <= 0 || ranges.every(({ from, end }) => from >= end)) return records;
  const cluster = clusterOf(settings, log);
  const deadline = performance.now() + TIMEOUT_MS;
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    for (const { partition, from, end } of ranges) {
      let next = from;
      while (next < end && records.length < limit) {
        if (performance.now() > deadline) throw new Error(`reading ${topic} took too long`);
        const { visible, last } = await fetchFrom(cluster, topic, partition, next);
        if (last === undefined) break;
        for (const record of visible) if (record.offset < end && records.length < limit) records.push(record);
        // Of a compressed batch, compaction may have left only what was read before.
        next = last >= next ? last + 1n : next + 1n;
      }
    }
    return records;
  } catch (thrown) {
    throw fromKafkaError(thrown);
  } finally {
    await cluster.disconnect().catch(() => {}); // read or failed, it is over
  }
}

/** kafkajs gives its cluster to assigners; a consumer that never runs is a member of no group. */
function clusterOf(settings: KafkaConfig, log: Logger): Cluster {
  let cluster: Cluster | undefined;
  createKafkaClient({ settings, log }).consumer({
    groupId: 'none',
    partitionAssigners: [
      (config) => {
        ({ cluster } = config);
        return kafkajs.PartitionAssigners.roundRobin(config);
      },
    ],
  });
  if (!cluster) throw new Error('kafkajs made no cluster');
  return cluster;
}

/** `last` is the offset of the last record that came, visible or not; undefined: there was none. */
async function fetchFrom(
  cluster: Cluster,
  topic: string,
  partition: number,
  from: bigint,
): Promise<{ visible: QueueRecord[]; last: bigint | undefined }> {
  const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  const broker = await cluster.findBroker({ nodeId });
  const { responses } = (await broker.fetch({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: 0,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes: FETCH_BYTES }] }],
  })) as FetchResponse;
  const fetched = responses[0]?.partitions[0];
  const last = fetched?.messages.at(-1)?.offset;
  return { visible: fetched ? visibleRecords(fetched, from) : [], last: last === undefined ? undefined : BigInt(last) };
}
