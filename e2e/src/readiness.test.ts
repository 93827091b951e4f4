// Whether a pod should get traffic, beside a server that is away: not yet there, lost, back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type TestServer, unlessUnavailable } from '@bottle/test-servers';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { OpenLoop } from './fault-table/open-loop.ts';
import { json } from './harness/json.ts';
import { TestPod, waitFor } from './harness/pod.ts';

interface Readiness {
  status: string;
  missing?: string[];
  degraded?: string[];
}
interface Health {
  status: string;
  checks: { check: string; ok: boolean; problem?: string }[];
}

const server = await unlessUnavailable(startRedis({ own: true }));
const redis = server as TestServer; // where there is none, no test runs
const folders: string[] = [];
const pods: TestPod[] = [];
afterAll(() => server?.stop());
afterEach(async () => {
  await Promise.all(pods.splice(0).map((pod) => pod.end()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  await server?.restart();
});

/** A pod whose `count` uses Redis, and whose `work` does not; it need not be ready. */
async function startPod({ project = 'fault-table', required = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bt-ready-'));
  folders.push(folder);
  const config = join(folder, 'sidecar.yml');
  const main = { driver: 'redis', url: redis.address, ...(required ? { required } : {}) };
  writeFileSync(config, JSON.stringify({ resources: { cache: { main } } }));
  const pod = new TestPod({ project, sidecarArgs: ['--config', config, '--data-dir', folder] });
  pods.push(pod);
  const runtime = pod.startRuntime();
  const sidecar = await pod.startSidecar();
  return Object.assign(pod, { sidecar, runtime });
}

const readinessOf = (pod: TestPod): Promise<Readiness> => json<Readiness>(pod.admin('/readyz'));
const statusOf = async (pod: TestPod): Promise<number> => (await pod.admin('/readyz')).status;
const AWAY = expect.stringMatching(/^cache\.main is not available: redis: /);

describe.skipIf(server === undefined)('a pod', () => {
  it('is ready without a server that it does not have to have, and says what is wrong', async () => {
    await redis.kill();
    const pod = await startPod();
    await pod.untilReady();
    expect(await readinessOf(pod)).toEqual({ status: 'ready', degraded: [AWAY] });
    expect(await json(pod.admin('/healthz'))).toEqual({ status: 'degraded' });
    const { checks } = await json<Health>(pod.admin('/healthz?verbose'));
    expect(checks.filter(({ ok }) => !ok)).toEqual([{ check: 'resource cache.main', ok: false, problem: AWAY }]);
    expect(checks.map(({ check }) => check)).toContain('function work');
    expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
    expect((await fetch(`${pod.url}/count`, { method: 'POST' })).status).toBe(503);
    await redis.restart();
    await waitFor(async () => (await readinessOf(pod)).degraded === undefined, 10_000);
    expect(await json(pod.admin('/healthz'))).toEqual({ status: 'healthy' });
  });

  it('waits for one that is required, once: losing it later takes no readiness', async () => {
    await redis.kill();
    const pod = await startPod({ required: true });
    await pod.runtime.said('sidecar connected');
    await waitFor(async () => (await readinessOf(pod)).missing?.length === 1, 10_000);
    expect(await readinessOf(pod)).toEqual({ status: 'unready', missing: [AWAY] });
    await redis.restart();
    await pod.untilReady();
    await redis.kill();
    await waitFor(async () => (await readinessOf(pod)).degraded?.length === 1, 10_000);
    expect(await statusOf(pod)).toBe(200);
  });

  it('waits for what the start of a layer uses', async () => {
    await redis.kill();
    const pod = await startPod({ project: 'layered-cache' });
    await pod.runtime.said('the runtime failed to start');
    expect(await statusOf(pod)).toBe(503);
    await redis.restart();
    await pod.untilReady();
    expect(await (await fetch(`${pod.url}/hello`)).text()).toBe('begun 1 times');
    await redis.kill();
    await waitFor(async () => (await readinessOf(pod)).degraded?.length === 1, 10_000);
    expect(await statusOf(pod)).toBe(200);
  });

  it('logs one error when a server is lost, and its return', async () => {
    const pod = await startPod();
    await pod.untilReady();
    await redis.kill();
    const { reason } = await pod.sidecar.said('resource is not available');
    expect(reason).toMatch(/^redis: /);
    await redis.restart();
    const { resource, awayMs } = await pod.sidecar.said('resource is available again');
    expect([resource, Number(awayMs) > 1_000]).toEqual(['cache.main', true]);
    expect(pod.sidecar.lines.filter(({ level, resource: id }) => level === 50 && id === 'cache.main')).toHaveLength(1);
  });
});

describe.skipIf(server === undefined)('three pods, and their Redis is killed', () => {
  it('stay ready: functions that do without it answer every request, the others 503 at once', async () => {
    const three = await Promise.all([startPod(), startPod(), startPod()]);
    await Promise.all(three.map((pod) => pod.untilReady()));
    const load = (path: string, rate: number) => three.map(({ url }) => new OpenLoop({ url, path, rate }));
    const [others, users] = [load('/work', 20), load('/count', 10)];
    await waitFor(() => others.every(({ good }) => good > 20), 10_000);
    await redis.kill();
    let looks = 0;
    for (const until = performance.now() + 3_000; performance.now() < until; looks++)
      expect(await Promise.all(three.map(statusOf))).toEqual([200, 200, 200]);
    const begin = performance.now();
    expect((await fetch(`${three[0].url}/count`, { method: 'POST' })).status).toBe(503);
    const refusedMs = performance.now() - begin;
    await redis.restart();
    const before = users.map(({ good }) => good);
    await waitFor(() => users.every(({ good }, at) => good > (before[at] ?? 0) + 20), 20_000);
    await Promise.all([...others, ...users].map((each) => each.stop()));
    const sent = others.reduce((sum, each) => sum + each.sent, 0);
    process.stdout.write(
      `Redis killed under three pods: ${sent} requests to others, ${looks} looks at each pod, refused in ${refusedMs.toFixed(0)} ms\n`,
    );
    expect(others.map(({ failureKinds }) => failureKinds)).toEqual(['', '', '']);
    // An increment that was under way when the connection broke may have been done.
    const unexpected = users
      .flatMap(({ failures }) => failures)
      .filter(({ status, reason }) => status !== 503 && reason !== 'function-error');
    expect(unexpected).toEqual([]);
  });
});
