// Redis, MySQL and Kafka die and come back, twice, while thirty functions use them: all of it works again, and neither process
// warns of anything, listeners that pile up included, or prints past its log.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startKafka, startMysql, startRedis, type TestServer } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';
import { ROOT, type TestProcess } from './harness/process.ts';

const FUNCTIONS = 30;
const OUTAGES = 2;
const OUTAGE_MS = 4_000;
const PROJECT = join(ROOT, 'e2e/functions/outages');

const hasServers = (['redisUrl', 'mysqlUrl', 'kafkaBrokers'] as const).every((name) => inject(name) !== undefined);

// The setup of the run has said so, loudly, when one of them is missing.
describe.skipIf(!hasServers)('a pod whose servers die and come back', () => {
  let directory: string;
  let servers: TestServer[];
  let pod: TestPod & { sidecar: TestProcess; runtime: TestProcess };
  beforeAll(async () => {
    const own = { own: true };
    servers = await Promise.all([startRedis(own), startMysql(own), startKafka(own)]);
    const [redis = '', mysql = '', kafka = ''] = servers.map(({ address }) => address);
    directory = mkdtempSync(join(ROOT, 'e2e/functions/.outages-'));
    cpSync(PROJECT, directory, { recursive: true });
    const manifest = readFileSync(join(PROJECT, 'serverless.yml'), 'utf8');
    const [one = ''] = /^ {2}use-0:\n(?: {4}.*\n)+/m.exec(manifest) ?? [];
    const others = Array.from({ length: FUNCTIONS - 1 }, (_, at) => one.replaceAll(/(?<=use[-/])0/g, String(at + 1)));
    writeFileSync(join(directory, 'serverless.yml'), manifest + others.join(''));
    const shared = { driver: 'redis', url: redis.replace('//', '//:password-that-nobody-asks-for@') };
    const resources = {
      cache: { shared },
      lock: { shared, timers: shared },
      db: { shop: { driver: 'mysql', url: mysql } },
      mq: { queue: { driver: 'kafka', brokers: kafka.split(',') } },
    };
    writeFileSync(join(directory, 'sidecar.yml'), JSON.stringify({ dataDir: directory, resources }));
    pod = await TestPod.start({ project: directory, sidecarArgs: ['--config', join(directory, 'sidecar.yml')] });
  }, 150_000);
  afterAll(async () => {
    await pod?.end();
    await Promise.all(servers?.map((server) => server.stop()) ?? []);
    rmSync(directory, { recursive: true, force: true });
  });

  const use = (at: number): Promise<{ failed?: string[] }> => json(fetch(`${pod.url}/use/${at}`));
  const allWork = async (): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: FUNCTIONS }, (_, at) => use(at)));
    return answers.every(({ failed }) => failed?.every((reason) => reason === 'lock-taken'));
  };

  it('works again, and nobody has warned of anything', { timeout: 240_000 }, async () => {
    await waitFor(allWork, 30_000);
    let isDone = false;
    const failures = new Map<string, number>();
    const load = Array.from({ length: FUNCTIONS }, async (_, at) => {
      while (!isDone) {
        const { failed = ['refused'] } = await use(at).catch(() => ({ failed: ['cut off'] }));
        for (const reason of failed) failures.set(reason, (failures.get(reason) ?? 0) + 1);
        await delay(20);
      }
    });
    for (let outage = 0; outage < OUTAGES; outage++) {
      await Promise.all(servers.map((server) => server.kill()));
      await delay(OUTAGE_MS);
      await Promise.all(servers.map((server) => server.restart()));
      await waitFor(allWork, 60_000);
    }
    isDone = true;
    await Promise.all(load);
    process.stdout.write(`outages: ${JSON.stringify(Object.fromEntries(failures))}\n`);
    expect(failures.get('internal') ?? 0).toBe(0);
    const printed = {
      level: 40,
      source: 'console',
      msg: expect.stringContaining('does not require a password') as string,
    };
    expect(pod.sidecar.lines).toContainEqual(expect.objectContaining(printed)); // by the client of Redis
    for (const each of [pod.sidecar, pod.runtime]) {
      expect(each.isRunning).toBe(true);
      expect(each.stderr).toEqual([]);
      expect(each.lines.filter(({ text, source }) => text !== undefined || source === 'node')).toEqual([]);
      expect(JSON.stringify(each.lines)).not.toContain('MaxListeners');
    }
  });
});
