import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BottleError, Code } from '@bottle/protos';
import type { CallContext } from '../capability.ts';
import { EmbeddedConsumer } from './embedded-consumer.ts';
import type { QueueDriver, QueueMessage, QueueReceipt, QueueRecord } from './mq-port.ts';
import { QueueFile } from './queue-file.ts';
import { QueueGroups } from './queue-groups.ts';

export interface EmbeddedQueueOptions {
  /** ":memory:" for a queue that ends with this process. */
  file: string;
  /** Partitions of a topic, fixed when it is first used. @default 4 */
  partitions?: number;
  /** Most messages that a partition keeps; the oldest go first, but none that a group has yet to read. @default 100000 */
  maxMessages?: number;
}

/** A queue that can be looked into. */
export interface EmbeddedQueue extends QueueDriver {
  /** Everything in a topic, partition by partition. */
  read(topic: string): QueueRecord[];
}

interface Publish {
  topic: string;
  messages: readonly QueueMessage[];
  signal: AbortSignal;
  resolve(receipts: QueueReceipt[]): void;
  reject(error: unknown): void;
}

/**
 * A message queue in one SQLite file: for development, tests, and single pods. An acknowledged message survives SIGKILL
 * of this process; the loss of power may take the last ones. Publishes of one turn of the event loop share a commit.
 * Several processes of one machine may share the file, and the partitions of a consumer group.
 */
export function createEmbeddedQueue(options: EmbeddedQueueOptions): EmbeddedQueue {
  const { file, partitions = 4, maxMessages = 100_000 } = options;
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const log = new QueueFile({ file, partitions, maxMessages });
  const groups = new QueueGroups(log);
  const consumers = new Set<EmbeddedConsumer>();
  let waiting: Publish[] = [];

  function flush(): void {
    const wanted = waiting.filter(({ signal }) => !signal.aborted);
    for (const { signal, reject } of waiting) if (signal.aborted) reject(signal.reason);
    waiting = [];
    if (wanted.length === 0) return;
    const settle: (() => void)[] = [];
    try {
      log.commit(() => {
        for (const { topic, messages, resolve, reject } of wanted) {
          try {
            const receipts = log.append(topic, messages);
            settle.push(() => resolve(receipts));
          } catch (error) {
            if (!(error instanceof BottleError)) throw error;
            settle.push(() => reject(error)); // its own fault, found before anything was appended
          }
        }
      });
    } catch (error) {
      const failure = fromSqliteError(error);
      for (const { reject } of wanted) reject(failure);
      return;
    }
    for (const answer of settle) answer();
    for (const consumer of consumers) consumer.wake();
  }

  return {
    problem: undefined,
    ping: async () => log.check(),
    publish: (topic, messages, { signal }: CallContext) =>
      new Promise((resolve, reject) => {
        waiting.push({ topic, messages, signal, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      }),
    consume(subscription, listener) {
      const onClosed = (): void => void consumers.delete(consumer);
      const consumer = new EmbeddedConsumer({ file: log, groups, subscription, listener, onClosed });
      consumers.add(consumer);
      return consumer;
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
    reposition: async (topic, group, positions) => groups.reposition(topic, group, positions),
    read: (topic) => log.read(topic),
    async close() {
      for (const consumer of consumers) await consumer.close();
      flush();
      log.close();
    },
  };
}

function fromSqliteError(thrown: unknown): BottleError {
  const { message, errcode } = thrown as Error & { errcode?: number };
  const details = errcode === undefined ? {} : { driverCode: `SQLITE_${errcode}` };
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `the queue's file failed: ${message}`, { details });
}
