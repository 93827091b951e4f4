import type { QueueRecord } from '@bottle/capabilities';
import kafkajs, { type Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { fromKafkaError } from './kafka-errors.ts';
import { fetchRecords } from './kafka-fetch.ts';
import { createKafkaClient } from './kafka-session.ts';

const TIMEOUT_MS = 30_000;
const FETCH = { maxWaitMs: 0, maxBytes: 1024 * 1024, maxPartitionBytes: 1024 * 1024 };

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
        const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
        const partitions = [{ partition, from: next }];
        const [fetched] = await fetchRecords(cluster, nodeId, { ...FETCH, topic, partitions });
        if (!fetched) break;
        for (const record of fetched.records) if (record.offset < end && records.length < limit) records.push(record);
        const reached = fetched.broken?.next ?? fetched.next;
        if (reached === next) break;
        next = reached;
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
