// Message queues under load while the server, or the sidecar, goes away: no acknowledged message is lost.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startKafka, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { type KafkaReader, openKafkaReader, type ReadTopic, readQueueFile } from './mq-readers.ts';
import { type Losses, PublishLoad } from './publish-load.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const TIMEOUT_MS = 3_000;
const NONE: Losses = { lost: [], duplicates: 0, lies: [] };

async function lossesOf(fault: string, load: PublishLoad, read: ReadTopic): Promise<Losses> {
  const { arrived, ...losses } = await load.losses(read);
  const row = {
    fault,
    acknowledged: load.acknowledged.size,
    arrived,
    failed: load.failed,
    lost: losses.lost.length,
    duplicates: losses.duplicates,
    lies: losses.lies.length,
    slowestMs: Math.round(load.slowestMs),
    failures: Object.fromEntries(load.failures),
  };
  process.stdout.write(`mq fault: ${JSON.stringify(row)}\n`);
  return losses;
}

const server = await unlessUnavailable(startKafka({ own: true }));
afterAll(() => server?.stop());

describe.skipIf(server === undefined)('publishing to a real Kafka under load', { timeout: 180_000 }, () => {
  const kafka = server as TestServer;
  let target: SidecarTarget;
  let reader: KafkaReader;
  beforeAll(async () => {
    const policy = { timeoutMs: TIMEOUT_MS };
    target = await openSidecar({ mq: { queue: { driver: 'kafka', brokers: [kafka.address], policy } } });
  }, 60_000);
  afterAll(() => target?.close());

  const begin = async (topic: string): Promise<PublishLoad> => {
    reader = await openKafkaReader(kafka.address);
    await reader.createTopic(topic, 3);
    const load = new PublishLoad({ bottle: target.bottle, resource: 'queue', topic });
    await load.more(500);
    return load;
  };
  const finish = async (fault: string, load: PublishLoad): Promise<void> => {
    await load.more(500);
    await load.stop();
    await reader.close();
    reader = await openKafkaReader(kafka.address);
    expect(await lossesOf(fault, load, reader.read)).toEqual(NONE);
    await reader.close();
  };
  const problem = async (): Promise<string> => await (await target.pod.admin('/readyz')).text();

  it('loses nothing acknowledged and hangs nowhere when the broker is killed; it is ready again by itself', async () => {
    const load = await begin('killed');
    for (let turn = 0; turn < 2; turn++) {
      await kafka.kill();
      await waitFor(async () => (await problem()).includes('mq.queue is not available: kafka'), 10_000);
      await delay(1_000);
      await kafka.restart();
      await waitFor(async () => !(await problem()).includes('mq.queue'), 20_000);
      await load.more(200);
    }
    await finish('Kafka killed twice and restarted', load);
    expect(load.failed).toBeGreaterThan(0);
    expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + 1_000);
  });

  it('does the same when the broker is paused for longer than a call may take', async () => {
    const load = await begin('paused');
    await kafka.pause();
    await delay(TIMEOUT_MS * 2);
    expect(await problem()).toContain('mq.queue is not available: kafka');
    await kafka.resume();
    await finish('Kafka paused for two deadlines', load);
    expect(load.failed).toBeGreaterThan(0);
    expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + 1_000);
  });

  it('waits when the broker is paused for less than that, and fails nothing', async () => {
    const load = await begin('hiccup');
    await kafka.pause();
    await delay(TIMEOUT_MS / 3);
    await kafka.resume();
    await finish('Kafka paused for a third of the deadline', load);
    expect(load.failures).toEqual(new Map());
  });

  it('makes the pod say so when the broker goes away while nobody publishes, and calls fail at once', async () => {
    await waitFor(async () => !(await problem()).includes('mq.queue'), 20_000);
    await kafka.kill();
    await waitFor(async () => (await problem()).includes('mq.queue is not available: kafka'), 10_000);
    const startedAt = performance.now();
    await expect(target.bottle.mq('queue').publish('killed', 'x')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(500);
    await kafka.restart();
    await waitFor(async () => !(await problem()).includes('mq.queue'), 20_000);
    await waitFor(async () => (await target.bottle.mq('queue').publish('killed', 'x')).offset > 0n, 10_000);
  });

  it('refuses one message without taking others along', async () => {
    await waitFor(async () => !(await problem()).includes('mq.queue'), 20_000);
    reader = await openKafkaReader(kafka.address);
    await reader.createTopic('small', 1, { 'max.message.bytes': '4096' });
    const mq = target.bottle.mq('queue');
    await mq.publish('small', 'first');
    const sizes = Array.from({ length: 64 }, (_, at) => (at === 20 ? 8_000 : 1_000));
    const settled = await Promise.allSettled(sizes.map((size, at) => mq.publish('small', `${at} `.padEnd(size, 'x'))));
    for (const [at, { status }] of settled.entries()) expect(status).toBe(at === 20 ? 'rejected' : 'fulfilled');
    expect(settled[20]).toMatchObject({
      reason: { code: 'INVALID_ARGUMENT', details: { driverCode: 'MESSAGE_TOO_LARGE' } },
    });
    const arrived = await reader.read('small');
    for (const [at, result] of settled.entries()) {
      if (result.status === 'rejected') continue;
      const there = arrived.find(({ offset }) => offset === result.value.offset);
      expect(there?.value?.toString()).toMatch(new RegExp(`^${at} `));
    }
    expect(arrived).toHaveLength(64);
    await reader.close();
  });
});

describe('publishing to the embedded queue', () => {
  it('SIGKILL of the sidecar under load: everything acknowledged is in the file, once', async () => {
    const target = await openSidecar();
    const load = new PublishLoad({ bottle: target.bottle, resource: 'queue', topic: 'orders' });
    await load.more(2_000);
    target.sidecar.kill('SIGKILL');
    await target.sidecar.exit();
    await load.stop();
    const file = join(target.dataDir, 'queue.mq.sqlite');
    const read = async (topic: string) => readQueueFile(file, topic);
    expect(await lossesOf('sidecar killed, embedded', load, read)).toEqual(NONE);
    await target.close();
  });
});
