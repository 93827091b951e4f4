// Topics that do not know one another: five functions of one group, each with a topic of its own, on a real Kafka.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';

interface Consumer {
  topic: string;
  problem?: string;
  partitions: { partition: number; lag: number }[];
}

const brokers = inject('kafkaBrokers')?.split(',') ?? [];
const prefix = `many-${process.pid}-${Date.now().toString(36)}.`;
const TOPICS = ['one', 'two', 'three', 'four', 'five'];

describe.skipIf(brokers.length === 0)('five topics of one group', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bottle-many-'));
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  const admin = kafka.admin();
  let pod: TestPod;
  beforeAll(async () => {
    await Promise.all([producer.connect(), admin.connect()]);
    await admin.createTopics({ waitForLeaders: true, topics: TOPICS.map((topic) => ({ topic: prefix + topic })) });
    const config = join(directory, 'sidecar.yml');
    const queue = { driver: 'kafka', brokers, topicPrefix: prefix };
    writeFileSync(config, JSON.stringify({ resources: { mq: { queue } } }));
    pod = await TestPod.start({ project: 'many-topics', sidecarArgs: ['--config', config] });
  });
  afterAll(async () => {
    await pod?.end();
    await Promise.all([producer.disconnect(), admin.disconnect()]);
    rmSync(directory, { recursive: true, force: true });
  });

  const consumers = async (): Promise<Consumer[]> =>
    ((await (await pod.admin('/consumers')).json()) as { consumers: Consumer[] }).consumers;
  const letters = async (): Promise<number[]> => {
    const { topics } = (await (await pod.admin('/dead-letters')).json()) as { topics: { letters: number }[] };
    return topics.map((topic) => topic.letters);
  };

  it('all join, each beside the others', async () => {
    await waitFor(async () => (await consumers()).every(({ problem }) => problem === undefined), 30_000);
    expect((await consumers()).map(({ topic, partitions }) => [topic, partitions.length])).toEqual(
      TOPICS.map((topic) => [topic, 1]),
    );
  });
  it('have letters that are counted right however often they are asked for, also where a topic is not there yet', async () => {
    expect(await letters()).toEqual([0, 0, 0, 0, 0]);
    expect(await letters()).toEqual([0, 0, 0, 0, 0]);
    for (const topic of ['one', 'four'])
      await producer.send({ topic: prefix + topic, messages: [{ value: '"bad"' }, { value: '"good"' }] });
    await waitFor(async () => (await letters()).join() === '1,0,0,1,0', 20_000);
    const many = await Promise.all(Array.from({ length: 8 }, () => letters()));
    expect(new Set(many.map(String))).toEqual(new Set(['1,0,0,1,0']));
    const retried = await pod.admin(`/dead-letters/one.all.dead/retry`, { method: 'POST', body: '{"all":true}' });
    expect(await retried.json()).toEqual({ count: 1 });
    await waitFor(async () => (await letters()).join() === '1,0,0,1,0', 20_000); // it failed again
    expect((await consumers()).map(({ problem }) => problem)).toEqual(TOPICS.map(() => undefined));
  });
  it('have partitions that are added to them distributed within ten seconds', async () => {
    const startedAt = performance.now();
    await admin.createPartitions({ topicPartitions: [{ topic: `${prefix}two`, count: 3 }] });
    await waitFor(async () => (await consumers())[1]?.partitions.length === 3, 20_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const messages = [0, 1, 2].map((partition) => ({ partition, value: '"bad"' }));
    await producer.send({ topic: `${prefix}two`, messages });
    await waitFor(async () => (await letters()).join() === '1,3,0,1,0', 20_000);
  });
});
