import { setFlagsFromString } from 'node:v8';
import type { Broker } from 'kafkajs';
import { assertPartition, type QueueDriver } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { KafkaConfig } from '../../resources-config.ts';
import type { NamedDriverContext } from '../drivers.ts';
import { withTlsFiles } from '../tls-options.ts';
import { browseTopic } from './kafka-browse.ts';
import { withCluster } from './kafka-cluster.ts';
import { KafkaConnection } from './kafka-connection.ts';
import { KafkaConsumer } from './kafka-consumer.ts';
import { KafkaLanes } from './kafka-lanes.ts';
import { GroupOffsets } from './kafka-offsets.ts';
import { KafkaTopics } from './kafka-topics.ts';

/** Kafka through kafkajs: publishes of all invocations share an idempotent producer and travel in batches. */
export async function createKafkaQueue(given: KafkaConfig, { id, log }: NamedDriverContext): Promise<QueueDriver> {
  const settings = withTlsFiles(given);
  const connection = new KafkaConnection({ settings, id, log });
  const topics = new KafkaTopics(connection);
  const lanes = new KafkaLanes({ settings, connection, onFailure: (topic) => topics.forget(topic) });
  const named = (name: string): string => settings.topicPrefix + name;
  /** One group in one topic, for operators. */
  const administer = <Result>(topic: string, group: string, work: (offsets: GroupOffsets) => Promise<Result>) =>
    withCluster({ settings, log }, (cluster) => {
      const groupId = named(group);
      const findCoordinator = (): Promise<Broker> => cluster.findGroupCoordinator({ groupId });
      return work(new GroupOffsets({ cluster, topic: named(topic), groupId, findCoordinator }));
    });
  const consumers = new Set<KafkaConsumer>();
  return {
    get problem() {
      return connection.problem;
    },
    ping: () => connection.ping(),
    async publish(topic, messages, call) {
      if (messages.some(({ delayMs }) => delayMs > 0)) {
        const message = 'Kafka has no delayed messages: the embedded driver does, or publish it when it is due';
        throw new BottleError(Code.UNIMPLEMENTED, 'no-delay', message);
      }
      const name = named(topic);
      call.outcome = 'not-done';
      const known = topics.find(name) ?? (await topics.resolve(name));
      for (const { partition } of messages)
        if (partition !== undefined) assertPartition(name, partition, known.partitions);
      return await lanes.publish(name, known, messages, call);
    },
    consume(subscription, listener) {
      setFlagsFromString('--heap-growing-percent=0');
      const onClosed = (): void => void consumers.delete(consumer);
      const consumer = new KafkaConsumer({ settings, id, log, subscription, listener, onClosed });
      consumers.add(consumer);
      return consumer;
    },
    ensureTopic: (topic, of) => topics.ensure(named(topic), of),
    describe: (topic, group) => administer(topic, group, (offsets) => offsets.describe()),
    browse: (topic, from, limit) =>
      withCluster({ settings, log }, (cluster) => browseTopic(cluster, named(topic), from, limit)),
    reposition: (topic, group, positions) => administer(topic, group, (offsets) => offsets.move(positions)),
    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.close()));
      await connection.close();
    },
  };
}
