// One request carries what waits for all partitions of a broker, and each has its own answer; a broker that holds clients back.
import { startKafka, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import type { BottleError } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ArrivedMessage, type KafkaReader, openKafkaReader } from '../contracts/mq-readers.ts';
import { openSidecar, type SidecarTarget } from '../contracts/target.ts';
import { MqRun, orders } from '../harness/mq-run.ts';
import { waitFor } from '../harness/pod.ts';
import { setClientQuota } from './client-quota.ts';

const server = await unlessUnavailable(startKafka({ own: true }));
afterAll(() => server?.stop());

const TIMEOUT_MS = 3_000;
const textOf = ({ value }: ArrivedMessage): string => value?.toString() ?? '';

describe.skipIf(server === undefined)('publishing to many partitions', { timeout: 120_000 }, () => {
  const kafka = server as TestServer;
  let reader: KafkaReader;
  let target: SidecarTarget;
  beforeAll(async () => {
    reader = await openKafkaReader(kafka.address);
    const policy = { timeoutMs: TIMEOUT_MS };
    target = await openSidecar({ mq: { queue: { driver: 'kafka', brokers: [kafka.address], policy } } });
  }, 60_000);
  afterAll(async () => {
    await target?.close();
    await reader?.close();
  });

  it('a thousand of them: three thousand messages of one call, and of three thousand calls', async () => {
    await reader.createTopic('wide', 1_000);
    const mq = target.bottle.mq('queue');
    const keys = Array.from({ length: 3_000 }, (_, at) => ({ key: `k${at}`, value: `together ${at}` }));
    const startedAt = performance.now();
    const together = await mq.publishMany('wide', keys);
    const between = performance.now();
    const apart = await Promise.all(keys.map(({ key }) => mq.publish('wide', `apart ${key}`, { key })));
    const took = { together: Math.round(between - startedAt), apart: Math.round(performance.now() - between) };
    process.stdout.write(`mq, 3,000 messages to 1,000 partitions, ms: ${JSON.stringify(took)}\n`);
    const places = new Map(
      (await reader.read('wide')).map((each) => [`${each.partition}:${each.offset}`, textOf(each)]),
    );
    expect(places.size).toBe(6_000);
    for (const [at, { partition, offset }] of together.entries())
      expect(places.get(`${partition}:${offset}`)).toBe(`together ${at}`);
    for (const [at, { partition, offset }] of apart.entries())
      expect(places.get(`${partition}:${offset}`)).toBe(`apart k${at}`);
  });

  it('what one partition refuses takes nothing of the others along, and loses no number of theirs', async () => {
    await reader.createTopic('mixed', 8, { 'max.message.bytes': '4096' });
    const mq = target.bottle.mq('queue');
    const publish = (round: number, partition: number) =>
      mq.publish('mixed', `${round} ${partition} `.padEnd(partition % 3 === 0 ? 8_000 : 100, 'x'), { partition });
    for (let round = 0; round < 20; round++) {
      const settled = await Promise.allSettled(Array.from({ length: 8 }, (_, partition) => publish(round, partition)));
      for (const [partition, { status }] of settled.entries())
        expect(status).toBe(partition % 3 === 0 ? 'rejected' : 'fulfilled');
    }
    const taken = [0, 3, 6];
    for (const partition of taken) await mq.publish('mixed', `last ${partition}`, { partition });
    const arrived = await reader.read('mixed');
    expect(arrived.filter(({ partition }) => taken.includes(partition)).map(textOf)).toEqual([
      'last 0',
      'last 3',
      'last 6',
    ]);
    for (const partition of [1, 2, 4, 5, 7]) {
      const ofPartition = arrived.filter((each) => each.partition === partition).map(textOf);
      expect(ofPartition.map((text) => text.split(' ', 1)[0])).toEqual(
        Array.from({ length: 20 }, (_, at) => String(at)),
      );
    }
  });

  it('a quota holds publishers back: what has not been sent in time never is, and all else is there once', async () => {
    await reader.createTopic('slow', 3);
    await setClientQuota(kafka.address, 'producer_byte_rate', 100_000);
    const mq = target.bottle.mq('queue');
    const outcomes = new Map<string, string>();
    const publish = async (at: number): Promise<void> => {
      const name = `message ${at}`;
      const outcome = await mq.publish('slow', `${name} `.padEnd(50_000, 'x'), { partition: at % 3 }).then(
        () => 'done',
        ({ reason, details }: BottleError) => `${reason} ${String(details['outcome'])}`,
      );
      outcomes.set(name, outcome);
    };
    await Promise.all(Array.from({ length: 120 }, (_, at) => publish(at)));
    await setClientQuota(kafka.address, 'producer_byte_rate', undefined);
    await waitFor(async () => (await mq.publish('slow', 'after')).offset >= 0n, 20_000);
    const arrived = (await reader.read('slow')).map((each) => textOf(each).split(' x')[0]);
    const counts = Map.groupBy(outcomes, ([, outcome]) => outcome);
    process.stdout.write(
      `mq quota: ${JSON.stringify(Array.from(counts, ([outcome, { length }]) => [outcome, length]))}\n`,
    );
    expect(new Set(arrived).size).toBe(arrived.length);
    const told = ([name, outcome]: [string, string]): boolean => arrived.includes(name) === (outcome === 'done');
    expect([...outcomes].filter((each) => !told(each))).toEqual([]);
    expect(counts.get('resource-timeout not-done')?.length).toBeGreaterThan(10);
    const said = target.sidecar.lines.map(({ msg }) => msg);
    expect(said).toContain('a quota of the brokers holds publishing back');
    expect(said).not.toContain('kafka connection failed');
  });

  it('a quota holds consumers back: they stay in their group, and do each message once', async () => {
    const run = new MqRun({ driver: 'kafka', brokers: [kafka.address] });
    onTestFinished(() => run.end());
    const pod = await run.startPod();
    await setClientQuota(kafka.address, 'consumer_byte_rate', 80_000);
    onTestFinished(() => setClientQuota(kafka.address, 'consumer_byte_rate', undefined));
    const padding = 'x'.repeat(5_000);
    await run.publish(
      pod,
      'work',
      orders(100, 20, () => ({ padding })),
    );
    await run.untilFinished(100);
    const assigned = pod.sidecar.lines.filter(
      ({ msg, function: name }) => msg === 'partitions assigned' && name === 'work',
    );
    expect(assigned).toHaveLength(1);
    expect(run.reconcile('Kafka: a quota of 80 kB/s')).toMatchObject({
      processed: 100,
      duplicates: 0,
      orderViolations: 0,
    });
  });
});
