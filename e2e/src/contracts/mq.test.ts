import { join } from 'node:path';
import type { ServerAddresses } from '@bottle/test-servers';
import { createFakeBottle } from 'bottle-sdk/testing';
import { inject } from 'vitest';
import { describeMqContract, type MqTarget } from './mq-contract.ts';
import { openKafkaReader, readFake, readQueueFile } from './mq-readers.ts';
import { openSidecar } from './target.ts';

const brokers: ServerAddresses['kafkaBrokers'] = inject('kafkaBrokers');
const unbounded = { maxBytes: Number.POSITIVE_INFINITY, delays: true };
const created = async (): Promise<void> => {};

async function openFake(): Promise<MqTarget> {
  const fake = createFakeBottle();
  const read = async (topic: string) => readFake(fake, 'contract', topic);
  return { bottle: fake.bottle, read, createTopic: created, close: () => fake.close() };
}

async function openEmbedded(): Promise<MqTarget> {
  const sidecar = await openSidecar();
  const file = join(sidecar.dataDir, 'contract.mq.sqlite');
  return { ...sidecar, read: async (topic) => readQueueFile(file, topic), createTopic: created };
}

async function openKafka(addresses: string, settings: object): Promise<MqTarget> {
  const contract = { driver: 'kafka', brokers: addresses.split(','), ...settings };
  const sidecar = await openSidecar({ mq: { contract } });
  const reader = await openKafkaReader(addresses);
  return {
    ...sidecar,
    read: reader.read,
    createTopic: (topic) => reader.createTopic(topic, 4),
    async close() {
      await reader.close();
      await sidecar.close();
    },
  };
}

describeMqContract('the in-process fake', openFake, unbounded);
describeMqContract('a sidecar with the embedded driver', openEmbedded, unbounded);
if (brokers !== undefined) {
  const kafka = { maxBytes: 1024 * 1024 - 1024, delays: false };
  describeMqContract('a sidecar with Kafka', () => openKafka(brokers, {}), kafka);
  // 16 MiB of one letter become a few hundred bytes.
  for (const compression of ['gzip', 'zstd'])
    describeMqContract(`a sidecar with Kafka, ${compression}`, () => openKafka(brokers, { compression }), {
      ...kafka,
      maxBytes: Number.POSITIVE_INFINITY,
    });
  const plain = { idempotent: false, acks: 'leader', lingerMs: 2 };
  describeMqContract('a sidecar with Kafka, acks of the leader', () => openKafka(brokers, plain), kafka);
}
