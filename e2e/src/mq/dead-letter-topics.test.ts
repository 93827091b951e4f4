// Dead-letter topics on brokers that make no topics by themselves: made at the start, or named; and what waits for one that is missing.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startKafka, type TestServer } from '@bottle/test-servers';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MqRun, orders } from '../harness/mq-run.ts';
import { type TestPod, waitFor } from '../harness/pod.ts';
import { ROOT, type TestProcess } from '../harness/process.ts';

const brokers = inject('kafkaBrokers');
const DEAD = 'work.mq-test.work.dead';
const DAY_MS = 86_400_000;

const BOTTLE = join(ROOT, 'cli/bin/bottle.js');

const bottle = async (pod: TestPod, ...args: string[]): Promise<{ stdout: string; code: number }> => {
  const command = [BOTTLE, ...args, '--admin-port', String(pod.adminPort)];
  return await promisify(execFile)(process.execPath, command).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
  );
};

describe.runIf(brokers !== undefined)('a dead-letter topic', () => {
  let run: MqRun;
  let admin: Admin;
  const topicPrefix = `topics-${process.pid}-${Date.now().toString(36)}.`;
  beforeAll(async () => {
    const addresses = brokers?.split(',') ?? [];
    admin = new Kafka({ brokers: addresses, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    run = new MqRun({ driver: 'kafka', brokers: addresses, topicPrefix });
  });
  afterAll(async () => {
    await run?.end();
    await admin?.disconnect();
  });

  it('is made at the start of a pod: one partition, whose letters are kept for thirty days', async () => {
    const pod = await run.startPod();
    const name = topicPrefix + DEAD;
    await waitFor(async () => (await admin.listTopics()).includes(name), 20_000);
    expect((await admin.fetchTopicMetadata({ topics: [name] })).topics[0]?.partitions).toHaveLength(1);
    const resource = { type: ConfigResourceTypes.TOPIC, name, configNames: ['retention.ms'] };
    const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
    expect(resources[0]?.configEntries[0]?.configValue).toBe(String(30 * DAY_MS));
    const { stdout, code } = await bottle(pod, 'mq', 'topics', '--create');
    expect(code).toBe(0);
    expect(stdout).toMatch(/work\.mq-test\.work\.dead +mq\.queue +dead letters +work +1 +is there/);
  });
});

describe.runIf(brokers !== undefined)('a dead-letter topic that cannot be made', () => {
  let server: TestServer;
  let admin: Admin;
  let run: MqRun;
  let pod: TestPod;
  let sidecar: TestProcess;
  beforeAll(async () => {
    // Three replicas are more than one broker can have: what is made without a number of its own is refused.
    const settings = { 'auto.create.topics.enable': 'false', 'default.replication.factor': '3' };
    server = await startKafka({ own: true, settings });
    admin = new Kafka({ brokers: [server.address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    for (const topic of ['work', 'bulk', 'strict', 'bulk.mq-test.bulk.dead', 'work.audit.dead']) await make(topic, 4);
    run = new MqRun({ driver: 'kafka', brokers: [server.address] });
    pod = run.preparePod(['--drain-propagation-ms', '0']);
    pod.startRuntime();
    sidecar = await pod.startSidecar();
  }, 120_000);
  afterAll(async () => {
    await run?.end();
    await admin?.disconnect();
    await server?.stop();
  });

  const make = (topic: string, numPartitions: number): Promise<boolean> =>
    admin.createTopics({
      waitForLeaders: true,
      timeout: 30_000,
      topics: [{ topic, numPartitions, replicationFactor: 1 }],
    });
  const held = (): Promise<number> => run.metric(pod, 'bottle_mq_partition_held', { function: 'work' });
  const said = (msg: RegExp): number => sidecar.lines.filter((line) => msg.test(String(line['msg']))).length;

  it('is a problem of the pod, which is ready all the same, and in the list of what is not there', async () => {
    await waitFor(async () => (await run.readiness(pod)).length > 0, 20_000);
    await waitFor(
      async () => (await run.readiness(pod)).join().includes(`work has no dead-letter topic ${DEAD}`),
      20_000,
    );
    expect((await pod.admin('/readyz')).status).toBe(200);
    const project = join(ROOT, 'e2e/functions/mq');
    const env = { ...process.env, BOTTLE_ADMIN_PORT: String(pod.adminPort) };
    const checked = await promisify(execFile)(process.execPath, [BOTTLE, 'check', project], { env });
    expect(checked.stdout).toContain(
      `warning: in the pod that runs: work of work: work has no dead-letter topic ${DEAD}`,
    );
    const { stdout, code } = await bottle(pod, 'mq', 'topics');
    expect(code).toBe(1);
    expect(stdout).toMatch(/work\.mq-test\.work\.dead +mq\.queue +dead letters +work +0 +is not there/);
    expect((await bottle(pod, 'mq', 'topics', '--create')).stdout).toMatch(
      /dead +mq\.queue .* 0 +kafka: Replication-factor is invalid/,
    );
  });

  it('holds up the partition of a bad message, which says so once, and no other', async () => {
    const good = orders(108, 0).map((message, at) => ({ ...message, partition: at % 4 }));
    const bad = { value: { id: 'bad', seq: 0, fails: 99 }, partition: 0 };
    await run.publish(pod, 'work', [...good.slice(0, 8), bad, ...good.slice(8)]);
    await waitFor(async () => (await held()) === 1, 30_000);
    await waitFor(() => run.finished().size >= 83, 30_000); // those of the other partitions, and two before the bad one
    const late = orders(12, 0, () => ({}), 'late').map((message, at) => ({ ...message, partition: at % 4 }));
    await run.publish(pod, 'work', late);
    await waitFor(() => [...run.finished()].filter((id) => id.startsWith('late')).length >= 9, 30_000);
    expect([...run.finished()].filter((id) => id.startsWith('late'))).toHaveLength(9);
    const { stdout } = await bottle(pod, 'mq', 'list');
    expect(stdout).toMatch(/work 0:2 cannot become a dead letter, and its partition waits: there is no topic/);
    expect(said(/cannot be written/)).toBe(1);
  });

  it('lets it go on when somebody has made it: the letter is there, and every message was handled', async () => {
    await make(DEAD, 1);
    await run.untilFinished(120);
    await waitFor(async () => (await held()) === 0, 30_000);
    await waitFor(async () => (await run.readiness(pod)).length === 0, 60_000);
    const { topics } = (await (await pod.admin('/dead-letters')).json()) as {
      topics: { topic: string; letters: number }[];
    };
    expect(topics.find(({ topic }) => topic === DEAD)?.letters).toBe(1);
    expect(run.reconcile('a dead-letter topic that is made later', { dead: ['bad'] })).toMatchObject({
      lost: 0,
      duplicates: 0,
    });
    expect(said(/dead letters are written again/)).toBe(1);
  });

  it('does not hold up the end of a pod, whose message stays', async () => {
    await admin.deleteTopics({ topics: [DEAD] });
    await run.publish(pod, 'work', [{ value: { id: 'worse', seq: 0, fails: 99 }, partition: 3 }]);
    await waitFor(async () => (await held()) === 1, 60_000);
    const startedAt = performance.now();
    sidecar.kill('SIGTERM');
    expect(await sidecar.exit()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    const [position] = await admin.fetchOffsets({ groupId: 'mq-test.work', topics: ['work'] });
    const end = (await admin.fetchTopicOffsets('work')).find(({ partition }) => partition === 3);
    expect(position?.partitions.find(({ partition }) => partition === 3)?.offset).toBe(String(Number(end?.high) - 1));
  });
});
