import type { Cluster } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaConfig } from '../../resources-config.ts';
import { clusterOf, createKafkaClient } from './kafka-client.ts';
import { fromKafkaError } from './kafka-errors.ts';

export interface ClusterOptions {
  settings: KafkaConfig;
  log: Logger;
}

/** Work on connections of its own, which no consumer and no publisher depends on. Throws BottleError. */
export async function withCluster<Result>(
  options: ClusterOptions,
  work: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const cluster = clusterOf(createKafkaClient(options), { allowAutoTopicCreation: false }); // to look for a topic does not make it
  try {
    await cluster.connect();
    return await work(cluster);
  } catch (thrown) {
    throw fromKafkaError(thrown);
  } finally {
    await cluster.disconnect().catch(() => {}); // done or failed, it is over
  }
}
