import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startKafka } from '@bottle/test-servers';
import { Kafka, logLevel } from 'kafkajs';
import { cpuMicroseconds, residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, program, type Running } from '../variants/variant.ts';

const TOPIC = 'bench-consume';
const PARTITIONS = 8;
/** Published beforehand: more than any variant takes in one measurement of the usual length. */
const MESSAGES = 800_000;
/** What every variant has taken before it is measured: a second is not enough for code to be compiled. */
const WARM_UP_MESSAGES = 150_000;
const MESSAGES_OF_SEND = 1_000;
/** From the start of the processes to the end of the warm-up. */
const START_TIMEOUT_MS = 60_000;
const PROJECT = fileURLToPath(new URL('../../functions/consume', import.meta.url));
const VARIANTS = ['bottle', 'kafkajs', 'bottle-batch', 'kafkajs-batch'] as const;

type VariantName = (typeof VARIANTS)[number];

/** What a consumer says of itself. Times are on its own clock, in milliseconds. */
interface Report {
  count: number;
  now: number;
  lastAt: number;
}

/** Messages of 1 KB with keys, consumed from the beginning of a full topic; each run is a group of its own. */
export async function runMqConsume(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const server = await startKafka({ own: true });
  try {
    options.progress(`mq-consume: publishing ${MESSAGES} messages`);
    await fill(server.address);
    const results: Result[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const variant of VARIANTS) {
        const running = await start(variant, server.address, processes);
        const result = await measure(variant, running, options);
        options.progress(`mq-consume ${variant} round ${round}: ${Math.round(result.rps)}/s`);
        results.push(result);
        await running.stop();
      }
    }
    return results;
  } finally {
    await server.stop();
  }
}

async function fill(brokers: string): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  const value = orderOf1Kb();
  const send = async (from: number): Promise<void> => {
    const messages = Array.from({ length: MESSAGES_OF_SEND }, (_, at) => ({ key: `key-${from + at}`, value }));
    await producer.send({ topic: TOPIC, messages });
  };
  for (let from = 0; from < MESSAGES; from += MESSAGES_OF_SEND) await send(from);
  await producer.disconnect();
}

/** JSON of 1,024 bytes, as orders go. */
function orderOf1Kb(): string {
  const item = {
    sku: 'SKU-20391-BLUE',
    name: 'Ceramic mug, blue, 300 ml',
    quantity: 2,
    price: 12.5,
    tags: ['kitchen', 'gift'],
  };
  const order = {
    n: 1,
    id: '8f14e45f-ceea-467f-9e0a-3c1b6d9a2f10',
    customer: { id: 91827, name: 'Ada Example', email: 'ada@example.com', country: 'DE' },
    currency: 'EUR',
    placedAt: '2026-01-15T09:30:00.000Z',
    items: [item, item, item, item, item],
    paid: true,
    note: '',
  };
  order.note = 'x'.repeat(1_024 - JSON.stringify(order).length);
  return JSON.stringify(order);
}

async function start(variant: VariantName, brokers: string, processes: Processes): Promise<Running> {
  const group = `${variant}-${randomUUID()}`;
  if (variant === 'kafkajs' || variant === 'kafkajs-batch') {
    const mode = variant === 'kafkajs' ? 'single' : 'batch';
    return await program('kafkajs-consumer')(processes, [brokers, TOPIC, group, mode]);
  }
  const directory = processes.directory();
  cpSync(PROJECT, directory, { recursive: true });
  const without = variant === 'bottle' ? 'many' : 'one';
  const manifest = readFileSync(join(PROJECT, 'serverless.yml'), 'utf8')
    .replace('bench-consume\nfunctions', `${group}\nfunctions`)
    .replace(new RegExp(`  ${without}:\\n(    .*\\n)+`), '');
  writeFileSync(join(directory, 'serverless.yml'), manifest);
  const config = join(directory, 'sidecar.yml');
  const resources = { mq: { bench: { driver: 'kafka', brokers: brokers.split(',') } } };
  writeFileSync(config, JSON.stringify({ resources }));
  return await pod(directory, ['--config', config])(processes);
}

async function untilWarm(report: () => Promise<Report>): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (((await report().catch(() => undefined))?.count ?? 0) < WARM_UP_MESSAGES) {
    if (performance.now() > deadline)
      throw new Error(`not even the warm-up was consumed within ${START_TIMEOUT_MS} ms`);
    await delay(20);
  }
}

async function measure(variant: VariantName, running: Running, options: BenchOptions): Promise<Result> {
  const report = async (): Promise<Report> =>
    (await (await fetch(`http://127.0.0.1:${running.port}/report`)).json()) as Report;
  await untilWarm(report);
  const [before, cpuBefore] = [await report(), cpuMicroseconds(running.pids)];
  await delay(options.durationMs);
  const [after, cpuAfter] = [await report(), cpuMicroseconds(running.pids)];
  const count = after.count - before.count;
  // Whoever has read all of the topic was done earlier.
  const seconds = ((after.count === MESSAGES ? after.lastAt : after.now) - before.now) / 1_000;
  const rssMb = running.pids.reduce((total, pid) => total + residentBytes(pid), 0) / 2 ** 20;
  return {
    case: 'mq-consume',
    variant,
    connections: PARTITIONS,
    rps: count / seconds,
    p50Us: 0,
    p99Us: 0,
    cpuUsPerRequest: (cpuAfter - cpuBefore) / count,
    rssMb,
    errors: after.count > MESSAGES ? after.count - MESSAGES : 0,
  };
}
