// Consumers, function processes and brokers that die, pods that come and go: every message has an id of its own, and in the
// end all of them are accounted for.
import { setTimeout as delay } from 'node:timers/promises';
import { startKafka, type TestServer } from '@bottle/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openKafkaReader } from '../contracts/mq-readers.ts';
import { MqRun, orders, type Reconciliation } from '../harness/mq-run.ts';
import { type TestPod, waitFor } from '../harness/pod.ts';

const brokers = inject('kafkaBrokers');
const KEYS = 24;
/** Under way when the broker is killed: the short form; 8,000 are the whole. */
const KILLED_UNDER = Number(process.env['BOTTLE_KILLED_UNDER'] ?? 2_000);
/** What a pod of this load finishes from one commit to the next, and until it notices that there is no next. */
const MAX_UNCOMMITTED = KILLED_UNDER / 8;

const kafka = (addresses: string): object => ({
  driver: 'kafka',
  brokers: addresses.split(','),
  topicPrefix: `faults-${process.pid}-${Math.random().toString(36).slice(2)}.`,
  consumer: { sessionTimeoutMs: 6_000 },
});
const queues: [title: string, open: () => object | undefined][] = [['the embedded queue', () => undefined]];
if (brokers !== undefined) queues.push(['Kafka', () => kafka(brokers)]);

/** What has to hold whatever the fault is. */
function expectComplete(result: Reconciliation): void {
  expect(result.lost).toBe(0);
  expect(result.orderViolations).toBe(0);
  expect(result.overlaps).toBe(0);
}

describe.each(queues)('faults of consumers: %s', (title, open) => {
  let run: MqRun;
  afterEach(() => run?.end());

  it('SIGKILL of the sidecar in the middle of its work: another pod goes on', async () => {
    run = new MqRun(open());
    const first = await run.startPod();
    await run.publish(
      first,
      'work',
      orders(400, KEYS, () => ({ ms: 20 })),
    );
    await waitFor(() => run.finished().size >= 100, 30_000);
    first.sidecar.kill('SIGKILL');
    await first.sidecar.exit();
    first.runtime.kill('SIGKILL');
    await run.startPod();
    await run.untilFinished(400);
    const result = run.reconcile(`${title}: SIGKILL sidecar`);
    expectComplete(result);
    expect(result.duplicates).toBeLessThan(200); // what was finished and not committed
  });

  it('SIGKILL of the sidecar in the middle of a batch: the batch comes again, to another pod', async () => {
    run = new MqRun(open());
    const first = await run.startPod();
    await run.publish(
      first,
      'bulk',
      orders(300, KEYS, () => ({ ms: 10 })),
    );
    await waitFor(() => run.finished('bulk').size >= 50, 30_000);
    first.sidecar.kill('SIGKILL');
    await first.sidecar.exit();
    first.runtime.kill('SIGKILL');
    await run.startPod();
    await run.untilFinished(300, 'bulk');
    const result = run.reconcile(`${title}: SIGKILL sidecar, batches`, { consumer: 'bulk' });
    expectComplete(result);
    expect(result.duplicates).toBeLessThan(150);
  });

  it('SIGKILL of the function process: its messages are tried again, and that is no try of theirs', async () => {
    run = new MqRun(open());
    const pod = await run.startPod();
    await run.publish(
      pod,
      'work',
      orders(300, KEYS, () => ({ ms: 20 })),
    );
    await waitFor(() => run.finished().size >= 80, 30_000);
    pod.runtime.kill('SIGKILL');
    await pod.runtime.exit();
    pod.startRuntime();
    await run.untilFinished(300);
    const result = run.reconcile(`${title}: SIGKILL function process`);
    expectComplete(result);
    expect(result.duplicates).toBeLessThanOrEqual(8); // the trigger's concurrency
    expect(run.journal().every(({ attempt }) => attempt === 1)).toBe(true);
  });

  it('a second pod joins while a slow handler runs: both work, nothing twice', async () => {
    run = new MqRun(open());
    const first = await run.startPod();
    await run.publish(first, 'work', [
      ...orders(1, 1, () => ({ ms: 4_000 }), 'slow'),
      ...orders(400, KEYS, () => ({ ms: 25 })),
    ]);
    await waitFor(() => run.finished().size >= 40, 30_000);
    await run.startPod();
    await run.untilFinished(401);
    const result = run.reconcile(`${title}: rebalance while a slow handler runs`);
    expectComplete(result);
    expect(result.duplicates).toBe(0);
  });

  it('poison between good ones becomes a dead letter and holds up nobody else', async () => {
    run = new MqRun(open());
    const pod = await run.startPod();
    const messages = orders(200, KEYS, (at) => (at % 50 === 7 ? { fails: 99 } : {}));
    const dead = messages.flatMap(({ value }) => (value['fails'] === 99 ? [value.id] : []));
    await run.publish(pod, 'work', messages);
    await run.untilFinished(200 - dead.length);
    await waitFor(
      async () =>
        (await run.metric(pod, 'bottle_mq_messages_total', { function: 'work', result: 'dead-letter' })) ===
        dead.length,
      30_000,
    );
    const result = run.reconcile(`${title}: poison between good ones`, { dead });
    expectComplete(result);
    expect(result).toMatchObject({ deadLettered: 4, duplicates: 0 });
  });

  it('a pod drains under load: what runs is finished and committed, the other pod does the rest', async () => {
    run = new MqRun(open());
    const first = await run.startPod(['--drain-propagation-ms', '0']);
    await run.startPod();
    await run.publish(
      first,
      'work',
      orders(600, KEYS, () => ({ ms: 20 })),
    );
    await waitFor(() => run.finished().size >= 100, 30_000);
    first.sidecar.kill('SIGTERM');
    expect(await first.sidecar.exit()).toBe(0);
    first.runtime.kill('SIGTERM');
    await run.untilFinished(600);
    const result = run.reconcile(`${title}: drain under load`);
    expectComplete(result);
    expect(result.duplicates).toBe(0);
  });
});

describe.runIf(brokers !== undefined)('faults of the Kafka broker', () => {
  let server: TestServer;
  let run: MqRun;
  beforeAll(async () => {
    server = await startKafka({ own: true });
  }, 120_000);
  afterEach(() => run?.end());
  afterAll(() => server?.stop());

  /** Kills it with `count` messages under way, and starts it again a little later. */
  const killUnder = async (count: number, pods: number): Promise<void> => {
    const topicPrefix = `killed-${pods}.`;
    const reader = await openKafkaReader(server.address);
    await reader.createTopic(`${topicPrefix}work`, 4);
    await reader.close();
    run = new MqRun({ ...kafka(server.address), topicPrefix });
    const [first] = await Promise.all(Array.from({ length: pods }, () => run.startPod()));
    await run.publish(
      first as TestPod,
      'work',
      orders(count, KEYS, () => ({ ms: 2 })),
    );
    await waitFor(() => run.finished().size >= count / 8, 30_000);
    await server.kill();
    await delay(3_000);
    await server.restart();
    await run.untilFinished(count, 'work', 120_000);
  };

  it('are nothing to one pod: it is killed and comes back, and each message is processed once', async () => {
    await killUnder(KILLED_UNDER, 1);
    const result = run.reconcile('Kafka killed and restarted, one pod');
    expectComplete(result);
    expect(result.duplicates).toBe(0);
  });

  it('repeat of two pods what was finished since the last commit, where the other one gets it', async () => {
    await killUnder(KILLED_UNDER, 2);
    const result = run.reconcile('Kafka killed and restarted, two pods');
    expectComplete(result);
    expect(result.duplicates).toBeLessThan(MAX_UNCOMMITTED);
  });
});
