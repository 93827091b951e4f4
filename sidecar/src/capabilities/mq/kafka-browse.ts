import type { QueueRecord } from '@bottle/capabilities';
import type { Cluster } from 'kafkajs';
import { fetchRecords } from './kafka-fetch.ts';
import { boundsOf } from './kafka-offsets.ts';

const TIMEOUT_MS = 30_000;
const FETCH = { maxWaitMs: 0, maxBytes: 1024 * 1024, maxPartitionBytes: 1024 * 1024 };

/** Reads from these offsets to where the partitions end now, at most `limit` records, as no group. Rejects with what kafkajs throws. */
export async function browseTopic(
  cluster: Cluster,
  topic: string,
  from: ReadonlyMap<number, bigint>,
  limit: number,
): Promise<QueueRecord[]> {
  const records: QueueRecord[] = [];
  const ends = new Map((await boundsOf(cluster, topic)).map(({ partition, end }) => [partition, end]));
  const deadline = performance.now() + TIMEOUT_MS;
  for (const [partition, first] of from) {
    const end = ends.get(partition) ?? first;
    let next = first;
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
}
