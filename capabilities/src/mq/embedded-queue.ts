import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CallContext } from '../capability.ts';
import { EmbeddedConsumer } from './embedded-consumer.ts';
import type { QueueDriver, QueueRecord } from './mq-port.ts';
import { QueueFile } from './queue-file.ts';
import { QueueGroups } from './queue-groups.ts';
import { QueueReaders } from './queue-readers.ts';
import { QueueWriter } from './queue-writer.ts';

const MIB = 1024 * 1024;

export interface EmbeddedQueueOptions {
  /** ":memory:" for a queue that ends with this process. */
  file: string;
  /** Partitions of a topic, fixed when it is first used. @default 4 */
  partitions?: number;
  /** Most messages that a partition keeps; the oldest go first, but none that a group has yet to read. @default 100000 */
  maxMessages?: number;
  /** Most bytes of all messages; publishing is refused beyond. @default 1 GiB */
  maxBytes?: number;
  /** How long messages that every group has read are kept. @default one day */
  retentionMs?: number;
  /** Bytes of the file beyond which those go sooner, the oldest first. @default 16 MiB */
  retentionBytes?: number;
}

/** A queue that can be looked into. */
export interface EmbeddedQueue extends QueueDriver {
  /** Everything in a topic, partition by partition. */
  read(topic: string): QueueRecord[];
}

/**
 * A message queue in one SQLite file: for development, tests, and single pods. An acknowledged message survives SIGKILL
 * of this process; the loss of power may take the last ones. Publishes of one turn of the event loop share a commit.
 * Several processes of one machine may share the file, and the partitions of a consumer group.
 */
export function createEmbeddedQueue(options: EmbeddedQueueOptions): EmbeddedQueue {
  const {
    file,
    partitions = 4,
    maxMessages = 100_000,
    maxBytes = 1024 * MIB,
    retentionMs = 86_400_000,
    retentionBytes = 16 * MIB,
  } = options;
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const log = new QueueFile({ file, partitions, maxMessages, maxBytes, retentionMs, retentionBytes });
  const groups = new QueueGroups(log);
  const consumers = new Set<EmbeddedConsumer>();
  const readers = new QueueReaders({ file: log, onChange: () => log.retention.changed() });
  const writer = new QueueWriter(log, ({ topics, isDelayed }) => {
    readers.appended(topics, isDelayed);
    log.retention.changed();
  });

  return {
    problem: undefined,
    ping: async () => log.check(),
    publish: (topic, messages, { signal }: CallContext) => writer.publish(topic, messages, signal),
    consume(subscription, listener) {
      const onClosed = (): void => {
        consumers.delete(consumer);
        readers.remove(consumer);
      };
      const consumer = new EmbeddedConsumer({ file: log, groups, subscription, listener, onClosed });
      consumers.add(consumer);
      readers.add(consumer);
      return consumer;
    },
    async ensureTopic(topic) {
      const isNew = log.findTopic(topic) === undefined;
      if (isNew) await log.commitInTurn(() => log.topic(topic));
      return isNew;
    },
    describe: async (topic, group) => groups.describe(topic, group),
    async browse(topic, from, limit) {
      const found = log.findTopic(topic);
      if (!found) return [];
      const records: QueueRecord[] = [];
      for (const [partition, offset] of from)
        records.push(...log.readFrom(found.id, partition, offset, limit - records.length));
      return records;
    },
    reposition: (topic, group, positions) => groups.reposition(topic, group, positions),
    read: (topic) => log.read(topic),
    async close() {
      for (const consumer of consumers) await consumer.close();
      readers.close();
      await writer.close();
      log.close();
    },
  };
}
