import { join } from 'node:path';
import type { ServerAddresses } from '@bottle/test-servers';
import { inject } from 'vitest';
import { openKafkaReader, readQueueFile } from '../contracts/mq-readers.ts';
import { describeConsuming } from './consuming-contract.ts';

const brokers: ServerAddresses['kafkaBrokers'] = inject('kafkaBrokers');

describeConsuming('the embedded queue', async (open) => {
  const run = open(undefined);
  const file = join(run.directory, 'queue.sqlite');
  const target = {
    queue: undefined,
    read: async (topic: string) => readQueueFile(file, topic),
    createTopics: async () => {},
    close: async () => {},
  };
  return [target, run];
});

if (brokers !== undefined) {
  describeConsuming('Kafka', async (open) => {
    const topicPrefix = `consuming-${process.pid}-${Date.now().toString(36)}.`;
    const queue = { driver: 'kafka', brokers: brokers.split(','), topicPrefix };
    const reader = await openKafkaReader(brokers);
    const target = {
      queue,
      read: (topic: string) => reader.read(topicPrefix + topic),
      async createTopics(topics: readonly string[]) {
        for (const topic of topics) await reader.createTopic(topicPrefix + topic, 4);
      },
      close: () => reader.close(),
    };
    return [target, open(queue)];
  });
}
