// A consumer whose function needs a resource that is away: no message is given up for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { Redis } from 'ioredis';
import { afterAll, expect, it } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

const COUNT = 300;
const directory = mkdtempSync(join(tmpdir(), 'bottle-away-'));
const server = await unlessUnavailable(startRedis({ own: true }));
const redis = server as TestServer; // where there is none, no test runs
let pod: TestPod | undefined;

async function startPod(): Promise<TestPod> {
  const config = join(directory, 'sidecar.yml');
  const resources = {
    mq: { queue: { driver: 'embedded', file: join(directory, 'queue.sqlite') } },
    cache: { main: { driver: 'redis', url: redis.address } },
  };
  writeFileSync(config, JSON.stringify({ resources }));
  return await TestPod.start({ project: 'mq-away', sidecarArgs: ['--config', config] });
}
afterAll(async () => {
  await pod?.end();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const problemOf = async (pod: TestPod): Promise<string | undefined> => {
  const { consumers } = await json<{ consumers: { problem?: string }[] }>(pod.admin('/consumers'));
  return consumers[0]?.problem;
};

it.skipIf(server === undefined)(
  'waits for it without a try, says so, and does all of them when it is back',
  async () => {
    const started = (pod = await startPod());
    await redis.kill();
    expect((await fetch(`${started.url}/publish?count=${COUNT}`, { method: 'POST' })).status).toBe(200);
    await waitFor(async () => (await problemOf(started)) === 'waits for cache.main, which is not available', 10_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // longer than two tries of each would take
    await redis.restart();
    const backAt = performance.now();
    const client = new Redis(redis.address);
    await waitFor(async () => (await client.keys('*order-*')).length === COUNT, 30_000);
    process.stdout.write(
      `${COUNT} messages done ${(performance.now() - backAt).toFixed(0)} ms after their Redis was back\n`,
    );
    client.disconnect();
    expect(await problemOf(started)).toBeUndefined();
    const metrics = await (await started.admin('/metrics')).text();
    const ended = metrics.split('\n').filter((line) => line.startsWith('bottle_mq_messages_total{'));
    expect(ended.filter((line) => !line.includes('result="done"') && !line.endsWith(' 0'))).toEqual([]);
  },
);
