// What arrived in a queue, read past the platform: from the broker, from the file, from the fake's memory.
import { isUtf8 } from 'node:buffer';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { FakeBottle } from 'bottle-sdk/testing';
import kafkajs, { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { waitFor } from '../harness/pod.ts';

/** How long a new topic may take to have its leaders. */
const LEADER_MS = 10_000;

/** A message as a consumer sees it. */
export interface ArrivedMessage {
  partition: number;
  offset: bigint;
  key: Buffer | undefined;
  value: Buffer | undefined;
  /** As text; bytes that are none as they are, null for none. */
  headers: [name: string, value: string | Buffer | null][];
  timestampMs: number;
}

/** Everything in a topic, partition by partition, in order. */
export type ReadTopic = (topic: string) => Promise<ArrivedMessage[]>;

export interface KafkaReader {
  read: ReadTopic;
  createTopic(topic: string, partitions: number, config?: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** Reads from real brokers. */
export async function openKafkaReader(brokers: string): Promise<KafkaReader> {
  const decompress = promisify(zstdDecompress);
  kafkajs.CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => promisify(zstdCompress)(buffer),
    decompress: (buffer: Buffer) => decompress(buffer),
  });
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  let groups = 0;
  return {
    async read(topic) {
      const ends = await admin.fetchTopicOffsets(topic);
      const missing = new Map(ends.filter(({ high }) => high !== '0').map((end) => [end.partition, BigInt(end.high)]));
      const arrived: ArrivedMessage[] = [];
      if (missing.size === 0) return arrived;
      const consumer = kafka.consumer({ groupId: `reader-${process.pid}-${(groups += 1)}-${Date.now()}` });
      const done = Promise.withResolvers<void>();
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          const headers = Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
            (Array.isArray(values) ? values : [values]).map((value) => headerOf(name, value)),
          );
          arrived.push({
            partition,
            offset: BigInt(message.offset),
            key: message.key ?? undefined,
            value: message.value ?? undefined,
            headers,
            timestampMs: Number(message.timestamp),
          });
          if (BigInt(message.offset) + 1n >= (missing.get(partition) ?? 0n)) missing.delete(partition);
          if (missing.size === 0) done.resolve();
        },
      });
      await done.promise;
      await consumer.disconnect();
      return arrived.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
    },
    async createTopic(topic, partitions, config = {}) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({
        topics: [{ topic, numPartitions: partitions, configEntries }],
        waitForLeaders: false,
      });
      // kafkajs would look for leaders, and fail where the broker does not know the topic yet; and a broker that leads a
      // partition by its metadata does not know that itself for a moment.
      await waitFor(async () => (await admin.fetchTopicOffsets(topic)).length === partitions, LEADER_MS);
    },
    close: () => admin.disconnect(),
  };
}

/** Reads the file of an embedded queue. */
export function readQueueFile(file: string, topic: string): ArrivedMessage[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = database
    .prepare(
      `SELECT m.partition, m.offset, m.key, m.value, m.headers, m.timestamp_ms AS timestampMs
       FROM messages m JOIN topics t ON t.id = m.topic WHERE t.name = ? ORDER BY m.partition, m.offset`,
    )
    .all(topic);
  return rows.map(({ partition, offset, key, value, headers, timestampMs }) => ({
    partition: Number(partition),
    offset: BigInt(offset as number),
    key: key === null ? undefined : Buffer.from(key as Uint8Array),
    value: value === null ? undefined : Buffer.from(value as Uint8Array),
    headers: (JSON.parse(String(headers)) as [string, string | null][]).map(([name, text]) =>
      headerOf(name, text === null ? undefined : Buffer.from(text, 'base64')),
    ),
    timestampMs: Number(timestampMs),
  }));
}

function headerOf(name: string, value: Buffer | string | null | undefined): ArrivedMessage['headers'][number] {
  const bytes = Buffer.from(value ?? '');
  return [name, value === undefined || value === null ? null : isUtf8(bytes) ? bytes.toString() : bytes];
}

/** Reads the memory of a fake. */
export function readFake(fake: FakeBottle, resource: string, topic: string): ArrivedMessage[] {
  return fake.published(resource, topic).map(({ headers, ...message }) => ({
    ...message,
    headers: headers.map(({ name, value }) => headerOf(name, value)),
  }));
}
