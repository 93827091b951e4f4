// Message queues under load while the server, or the sidecar, goes away: no acknowledged message is lost.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startKafka, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import type { Bottle, BottleError } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/pod.ts';
import { type KafkaReader, openKafkaReader, type ReadTopic, readQueueFile } from './mq-readers.ts';
import { openSidecar, type SidecarTarget } from './target.ts';

const PUBLISHERS = 32;
const TIMEOUT_MS = 3_000;

/** Publishers that never stop, each with one message under way. */
class Load {
  readonly acknowledged = new Map<string, string>();
  readonly failures = new Map<string, number>();
  slowestMs = 0;
  #stopped = false;
  readonly #loops: Promise<void>[];

  constructor(bottle: Bottle, resource: string, topic: string) {
    const loop = async (publisher: number): Promise<void> => {
      for (let turn = 0; !this.#stopped; turn++) {
        const value = `${publisher}-${turn}`;
        const startedAt = performance.now();
        try {
          const { partition, offset } = await bottle.mq(resource).publish(topic, value);
          this.acknowledged.set(`${partition}:${offset}`, value);
        } catch (error) {
          const { code, reason, details } = error as BottleError;
          const what = `${code} ${reason} ${(details['driverCode'] as string | undefined) ?? ''}`.trim();
          this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
          await delay(20);
        }
        this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt);
      }
    };
    this.#loops = Array.from({ length: PUBLISHERS }, (_, publisher) => loop(publisher));
  }

  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when so many more messages were acknowledged. */
  more(count: number): Promise<void> {
    const before = this.acknowledged.size;
    return waitFor(() => this.acknowledged.size >= before + count, 60_000);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }
}

interface Losses {
  /** Acknowledged messages that are not where their receipts say. */
  lost: [place: string, value: string][];
  /** Messages that arrived more than once. */
  duplicates: number;
}

const NONE: Losses = { lost: [], duplicates: 0 };

async function lossesOf(fault: string, load: Load, read: ReadTopic, topic: string): Promise<Losses> {
  const arrived = await read(topic);
  const places = new Map(arrived.map(({ partition, offset, value }) => [`${partition}:${offset}`, value?.toString()]));
  const lost = [...load.acknowledged].filter(([place, value]) => places.get(place) !== value);
  const duplicates = arrived.length - new Set(arrived.map(({ value }) => value?.toString())).size;
  const row = {
    fault,
    acknowledged: load.acknowledged.size,
    failed: load.failed,
    lost: lost.length,
    duplicates,
    slowestMs: Math.round(load.slowestMs),
    failures: Object.fromEntries(load.failures),
  };
  process.stdout.write(`mq fault: ${JSON.stringify(row)}\n`);
  return { lost, duplicates };
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

  const begin = async (topic: string): Promise<Load> => {
    reader = await openKafkaReader(kafka.address);
    await reader.createTopic(topic, 3);
    const load = new Load(target.bottle, 'queue', topic);
    await load.more(500);
    return load;
  };
  const finish = async (fault: string, load: Load, topic: string): Promise<void> => {
    await load.more(500);
    await load.stop();
    await reader.close();
    reader = await openKafkaReader(kafka.address);
    expect(await lossesOf(fault, load, reader.read, topic)).toEqual(NONE);
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
    await finish('Kafka killed twice and restarted', load, 'killed');
    expect(load.failed).toBeGreaterThan(0);
    expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + 1_000);
  });

  it('does the same when the broker is paused for longer than a call may take', async () => {
    const load = await begin('paused');
    await kafka.pause();
    await delay(TIMEOUT_MS * 2);
    expect(await problem()).toContain('mq.queue is not available: kafka');
    await kafka.resume();
    await finish('Kafka paused for two deadlines', load, 'paused');
    expect(load.failed).toBeGreaterThan(0);
    expect(load.slowestMs).toBeLessThan(TIMEOUT_MS + 1_000);
  });

  it('waits when the broker is paused for less than that, and fails nothing', async () => {
    const load = await begin('hiccup');
    await kafka.pause();
    await delay(TIMEOUT_MS / 3);
    await kafka.resume();
    await finish('Kafka paused for a third of the deadline', load, 'hiccup');
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
    const load = new Load(target.bottle, 'queue', 'orders');
    await load.more(2_000);
    target.sidecar.kill('SIGKILL');
    await target.sidecar.exit();
    await load.stop();
    const file = join(target.dataDir, 'queue.mq.sqlite');
    const read = async (topic: string) => readQueueFile(file, topic);
    expect(await lossesOf('sidecar killed, embedded', load, read, 'orders')).toEqual(NONE);
    await target.close();
  });
});
