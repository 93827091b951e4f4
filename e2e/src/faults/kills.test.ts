import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { executions, LoadClient, report } from '../harness/load.ts';
import { TestPod, waitFor } from '../harness/pod.ts';

let directory: string;
let executedFile: string;
let pod: TestPod | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bt-f-'));
  executedFile = join(directory, 'executed');
  writeFileSync(executedFile, '');
});
afterEach(async () => {
  await pod?.end();
  pod = undefined;
  rmSync(directory, { recursive: true, force: true });
});
const options = () => ({ project: 'faults', env: { EXECUTED_FILE: executedFile } });

it('SIGKILL of the function process fails only started requests, each once, with a reason', async () => {
  const started = await TestPod.start(options());
  pod = started;
  const client = new LoadClient(pod.url, { method: 'POST', path: '/work?ms=20', connections: 16 });
  await waitFor(() => client.answers.length > 200, 20_000);
  started.runtime.kill('SIGKILL');
  const next = pod.startRuntime();
  await next.said('sidecar connected');
  const before = client.answers.length;
  await waitFor(() => client.answers.length > before + 200, 20_000);
  await client.stop();
  const executed = executions(executedFile);
  report('SIGKILL function process, POST', client, executed);
  expect(client.failures.length).toBeGreaterThan(0);
  expect(client.failures.length).toBeLessThanOrEqual(16);
  expect(new Set(client.failures.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
    new Set(['503 connection-lost']),
  );
  expect(client.sent - client.answers.length).toBe(0);
  expect([...executed.values()].filter((count) => count > 1)).toEqual([]);
});

it('GETs of an idempotent function survive it: they are sent again', async () => {
  const started = await TestPod.start(options());
  pod = started;
  const client = new LoadClient(pod.url, { method: 'GET', path: '/read?ms=20', connections: 16 });
  await waitFor(() => client.answers.length > 200, 20_000);
  started.runtime.kill('SIGKILL');
  await pod.startRuntime().said('sidecar connected');
  const before = client.answers.length;
  await waitFor(() => client.answers.length > before + 100, 20_000);
  await client.stop();
  report('SIGKILL function process, idempotent GET', client, executions(executedFile), 'duplicates allowed');
  expect(client.failures).toEqual([]);
});

it('SIGKILL of the sidecar leaves the function running; it reconnects within 2 s of its return', async () => {
  const started = await TestPod.start(options());
  pod = started;
  started.sidecar.kill('SIGKILL');
  await started.sidecar.exit();
  await pod.startSidecar();
  const tookMs = await pod.untilReady();
  process.stdout.write(`fault: ${JSON.stringify({ fault: 'SIGKILL sidecar', readyAfterMs: Math.round(tookMs) })}\n`);
  expect(tookMs).toBeLessThan(2_000);
  expect(started.runtime.isRunning).toBe(true);
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
});

it('starts in either order, and requests wait for the function', async () => {
  pod = new TestPod(options());
  await pod.startSidecar();
  const early = fetch(`${pod.url}/work`, { method: 'POST' });
  const unready = await pod.admin('/readyz');
  expect([unready.status, await unready.json()]).toEqual([
    503,
    { status: 'unready', missing: ['the function container is not connected'] },
  ]);
  pod.startRuntime();
  expect((await early).status).toBe(200);
});

it('finds its way past a stale socket file, and binds again when it is deleted', async () => {
  const started = await TestPod.start(options());
  pod = started;
  started.runtime.kill('SIGKILL'); // leaves runtime.sock behind
  await started.runtime.exit();
  const runtime = pod.startRuntime();
  await runtime.said('sidecar connected');
  unlinkSync(join(pod.socketDir, 'runtime.sock'));
  unlinkSync(join(pod.socketDir, 'sidecar.sock'));
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
  started.sidecar.kill('SIGKILL');
  await started.sidecar.exit();
  await pod.startSidecar();
  const tookMs = await pod.untilReady();
  process.stdout.write(
    `fault: ${JSON.stringify({ fault: 'socket file stale, then deleted', readyAfterMs: Math.round(tookMs) })}\n`,
  );
  expect(tookMs).toBeLessThan(2_000);
});

it('survives the deletion of the whole socket directory', async () => {
  const started = await TestPod.start(options());
  pod = started;
  rmSync(pod.socketDir, { recursive: true, maxRetries: 5 }); // the processes bind again while it goes
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
  started.sidecar.kill('SIGKILL');
  await started.sidecar.exit();
  await pod.startSidecar();
  expect(await pod.untilReady()).toBeLessThan(2_000);
});

it('SIGTERM under load makes no errors, and a request of 10 s finishes', async () => {
  const started = await TestPod.start({ ...options(), sidecarArgs: ['--drain-propagation-ms', '1000'] });
  pod = started;
  const client = new LoadClient(pod.url, { method: 'POST', path: '/work?ms=5', connections: 16, onRefused: 'end' });
  const long = fetch(`${pod.url}/work?ms=10000`, { method: 'POST' });
  await waitFor(() => client.answers.length > 200, 20_000);
  started.sidecar.kill('SIGTERM');
  await client.ended();
  expect((await long).status).toBe(200);
  expect(await started.sidecar.exit()).toBe(0);
  started.runtime.kill('SIGTERM');
  expect(await started.runtime.exit()).toBe(0);
  report('SIGTERM under load', client, executions(executedFile));
  expect(client.failures).toEqual([]);
});

it('a frozen function process holds its own requests and no longer than their deadline', async () => {
  const started = await TestPod.start(options());
  pod = started;
  started.runtime.kill('SIGSTOP');
  const held = await fetch(`${pod.url}/work`, { method: 'POST', headers: { 'x-bottle-timeout-ms': '400' } });
  expect(held.status).toBe(504);
  started.runtime.kill('SIGCONT');
  expect((await fetch(`${pod.url}/work`, { method: 'POST' })).status).toBe(200);
});
