import kafkajs, { type Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { fromKafkaError } from './kafka-errors.ts';
import { createKafkaClient } from './kafka-session.ts';

export interface ClusterOptions {
  settings: KafkaConfig;
  log: Logger;
}

/** Work on connections of its own, which no consumer and no publisher depends on. Throws BottleError. */
export async function withCluster<Result>(
  options: ClusterOptions,
  work: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const cluster = clusterOf(options);
  try {
    await cluster.connect();
    return await work(cluster);
  } catch (thrown) {
    throw fromKafkaError(thrown);
  } finally {
    await cluster.disconnect().catch(() => {}); // done or failed, it is over
  }
}

/** kafkajs gives its cluster to assigners; a consumer that never runs is a member of no group. */
function clusterOf({ settings, log }: ClusterOptions): Cluster {
  let cluster: Cluster | undefined;
  createKafkaClient({ settings, log }).consumer({
    groupId: 'none',
    allowAutoTopicCreation: false, // to look for a topic does not make it
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
