import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status, type ServiceError } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';
import { ROOT, TestProcess } from '../harness/process.ts';
import { DepotClient } from './depot.ts';
import { ReflectingClient } from './reflecting-client.ts';

const MIB = 1024 * 1024;
type Started = TestPod & { sidecar: TestProcess; runtime: TestProcess };

const opened: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function start(sidecarArgs: readonly string[] = [], project = 'rpc'): Promise<Started> {
  const pod = await TestPod.start({ project, sidecarArgs });
  opened.push(() => pod.end());
  await pod.untilRpc(pod.sidecar);
  return pod;
}
function clientOf({ rpcPort }: TestPod): DepotClient {
  const client = new DepotClient(`127.0.0.1:${rpcPort}`);
  opened.push(() => client.close());
  return client;
}
const rssOf = (pid: number): number => {
  const [, kb = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) * 1024;
};
const healthOf = async (client: ReflectingClient, service = ''): Promise<unknown> =>
  ((await client.call('grpc.health.v1.Health', 'Check', { service })) as { status: string }).status;

describe('a slow reader of a stream', () => {
  it('slows its function down; neither process collects the messages', async () => {
    const pod = await start();
    const depot = clientOf(pod);
    await depot.all('List', { count: 200, bytes: 100_000 });
    const before = [rssOf(pod.sidecar.pid), rssOf(pod.runtime.pid)] as const;
    const call = depot.open('List', { count: 20_000, bytes: 100_000, key: 'slow' }); // 2 GB, if it were not for flow control
    call.on('error', () => {});
    const items = (call as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    await items.next();
    let largest = [0, 0];
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      largest = [Math.max(largest[0] ?? 0, rssOf(pod.sidecar.pid)), Math.max(largest[1] ?? 0, rssOf(pod.runtime.pid))];
    }
    const { streams } = await depot.call('Seen');
    const sent = Number(streams['slow']?.split(' ')[1]);
    const grown = [(largest[0] ?? 0) - before[0], (largest[1] ?? 0) - before[1]].map((bytes) =>
      Math.round(bytes / MIB),
    );
    process.stdout.write(`slow reader: ${JSON.stringify({ sent, grownMb: grown })}\n`);
    expect(sent).toBeLessThan(200); // what the windows of the connections hold
    expect(Math.max(...grown)).toBeLessThan(64);
    for (let at = 0; at < 300; at++) await items.next();
    call.cancel();
    await waitFor(async () => {
      const seen = await depot.call('Seen');
      return seen.streams['slow']?.startsWith('left aborted') ?? false;
    }, 5_000);
  });
  it('does not hold up calls beside it on the same connection', async () => {
    const depot = clientOf(await start());
    const stuck = depot.open('List', { count: 20_000, bytes: 100_000 });
    stuck.on('error', () => {});
    await (stuck as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
    for (let at = 0; at < 50; at++) {
      expect(await depot.call('Echo', { itemId: String(at) }, { timeoutMs: 5_000 })).toMatchObject({
        itemId: String(at),
      });
    }
    stuck.cancel();
  });
});

describe('a function container that is killed', () => {
  it('fails what it had begun with UNAVAILABLE, once, streams included, and health follows', async () => {
    const pod = await start();
    const depot = clientOf(pod);
    const reflecting = new ReflectingClient(`127.0.0.1:${pod.rpcPort}`, 'v1');
    opened.push(() => reflecting.close());
    expect(await healthOf(reflecting)).toBe('SERVING');
    const unary = depot.call('Act', { what: 'sleep 4000' }).catch((error: unknown) => error as ServiceError);
    const stream = depot.all('List', { count: 1_000, pauseMs: 20 });
    const both = depot.exchange('Chat', [{ itemId: 'a' }], { end: false });
    await new Promise((resolve) => setTimeout(resolve, 500));
    pod.runtime.kill('SIGKILL');
    expect(await unary).toMatchObject({ code: status.UNAVAILABLE });
    expect((await stream).code).toBe(status.UNAVAILABLE);
    expect((await stream).messages.length).toBeGreaterThan(5);
    expect((await both).code).toBe(status.UNAVAILABLE);
    expect(await healthOf(reflecting)).toBe('NOT_SERVING');
    const waiting = depot.call('Echo', { itemId: 'patient' });
    pod.startRuntime();
    expect(await waiting).toMatchObject({ itemId: 'patient' });
    await waitFor(async () => (await healthOf(reflecting, 'depot.v1.Depot')) === 'SERVING', 5_000);
  });
  it('is no reason to run a call twice', async () => {
    const pod = await start();
    const depot = clientOf(pod);
    const died = depot.call('Act', { what: 'die' }).catch((error: unknown) => error as ServiceError);
    expect(await died).toMatchObject({ code: status.UNAVAILABLE });
    expect(await pod.runtime.exit()).toBe(1);
  });
});

describe('a pod that is stopped', () => {
  it('fails no unary call under load: new ones are served until the others know, those under way to their end', async () => {
    const pods = await Promise.all([start(['--drain-propagation-ms', '2000']), start()]);
    const [leaving, staying] = pods;
    const [first, second, other] = [clientOf(leaving), clientOf(leaving), clientOf(staying)];
    let draining = false;
    const outcomes: unknown[] = [];
    const loops = Array.from({ length: 16 }, async (_, index) => {
      for (let turn = 0; !draining; turn++) {
        const client = [first, second, other][(index + turn) % 3] ?? other;
        outcomes.push(
          await client.call('Act', { what: 'sleep 20' }).then(
            () => 'ok',
            (error: unknown) => String(error),
          ),
        );
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const inFlight = Array.from({ length: 50 }, () => first.call('Act', { what: 'sleep 3000' }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    leaving.sidecar.kill('SIGTERM');
    await leaving.sidecar.said('drain started');
    await new Promise((resolve) => setTimeout(resolve, 500)); // within the propagation: still served
    draining = true;
    await Promise.all(loops);
    expect((await Promise.all(inFlight)).length).toBe(50);
    expect(await leaving.sidecar.exit()).toBe(0);
    expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
    process.stdout.write(`drain under load: ${JSON.stringify({ answered: outcomes.length + 50, failed: 0 })}\n`);
  });
  it('says NOT_SERVING first, finishes the streams that end, and breaks the others off with UNAVAILABLE', async () => {
    const pod = await start(['--drain-propagation-ms', '500', '--drain-budget-ms', '2000']);
    const depot = clientOf(pod);
    const reflecting = new ReflectingClient(`127.0.0.1:${pod.rpcPort}`, 'v1');
    opened.push(() => reflecting.close());
    const short = depot.all('List', { count: 20, pauseMs: 50 }); // half of the budget, on a machine that is not busy
    const endless = depot.all('List', { count: 1_000_000, pauseMs: 50 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await healthOf(reflecting);
    pod.sidecar.kill('SIGTERM');
    await pod.sidecar.said('drain started');
    expect(await healthOf(reflecting)).toBe('NOT_SERVING');
    expect(await short).toMatchObject({ code: status.OK });
    expect((await short).messages.length).toBe(20);
    expect((await endless).code).toBe(status.UNAVAILABLE);
    expect(await pod.sidecar.exit()).toBe(0);
  });
});

describe('limits', () => {
  it('answer UNAVAILABLE with the reason when too many wait for a function', async () => {
    const project = copyOf((text) =>
      text.replace('handler: src/depot.act', 'handler: src/depot.act\n    concurrency: 2'),
    );
    const depot = clientOf(await start(['--queue-max-waiting-per-function', '3'], project));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => depot.call('Act', { what: 'sleep 300' })),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBe(15);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('the rpc port', () => {
  it('that is taken leaves the pod unready with the reason, and is taken over when it is free', async () => {
    const squatter = createServer().listen(0, '0.0.0.0');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as { port: number };
    const pod = new TestPod({ project: 'rpc', sidecarArgs: ['--rpc-port', String(port)] });
    opened.push(() => pod.end());
    pod.startRuntime();
    const sidecar = await pod.startSidecar();
    await waitFor(async () => (await (await pod.admin('/readyz')).text()).includes(`rpc port ${port}`), 10_000);
    expect(await (await pod.admin('/readyz')).text()).toContain('--rpc-port, BOTTLE_RPC_PORT');
    expect((await fetch(`${pod.url}/echo`, { method: 'POST', body: 'x' })).status).toBe(200);
    squatter.close();
    await pod.untilReady();
    expect(await pod.untilRpc(sidecar)).toBe(port);
  });
  it('that is taken when it was asked for by hand ends the sidecar with 69 and the reason', async () => {
    const squatter = createServer().listen(0, '0.0.0.0');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as { port: number };
    const args = ['--port', '0', '--admin-port', '0', '--rpc-enabled', 'true', '--rpc-port', String(port)];
    const socketDir = mkdtempSync(join(tmpdir(), 'bt-'));
    const sidecar = new TestProcess([join(ROOT, 'sidecar/src/main.ts'), ...args, '--socket-dir', socketDir]);
    expect(await sidecar.exit()).toBe(69);
    expect(JSON.stringify(sidecar.lines)).toContain(`the rpc port ${port} of 0.0.0.0 is taken`);
    squatter.close();
    rmSync(socketDir, { recursive: true, force: true });
  });
  it('is not opened where no function answers a method, or the server is switched off', async () => {
    const pod = await TestPod.start({ project: 'http' });
    opened.push(() => pod.end());
    const off = await TestPod.start({ project: 'rpc', sidecarArgs: ['--rpc-enabled', 'false'] });
    opened.push(() => off.end());
    for (const { lines } of [pod.sidecar, off.sidecar])
      expect(lines.filter(({ msg }) => msg === 'rpc port listens')).toEqual([]);
  });
});

describe('a reload', () => {
  it('brings methods and takes them away, on open connections', async () => {
    const project = copyOf((text) => text.replace(/ {2}seen:[^]*$/, ''));
    const pod = await start([], project);
    const depot = clientOf(pod);
    expect(await depot.call('Echo', { itemId: 'a' })).toMatchObject({ itemId: 'a' });
    await expect(depot.call('Seen')).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    const file = join(project, 'serverless.yml');
    const whole = readFileSync(join(ROOT, 'e2e/functions/rpc/serverless.yml'), 'utf8');
    writeFileSync(file, whole.replace('method: Echo', 'method: Missing'));
    const next = new TestProcess([
      join(ROOT, 'function-runtime/src/main.ts'),
      project,
      '--socket-dir',
      pod.socketDir,
      '--replace',
    ]);
    opened.push(() => next.end());
    await next.said('sidecar connected');
    await waitFor(async () => (await depot.call('Seen')) !== undefined, 10_000);
    expect(await depot.call('Missing', { itemId: 'b' })).toMatchObject({ itemId: 'b' });
    await expect(depot.call('Echo', {})).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

/** The project with another serverless.yml. */
function copyOf(change: (text: string) => string): string {
  const project = mkdtempSync(join(tmpdir(), 'bottle-rpc-'));
  opened.push(() => rmSync(project, { recursive: true, force: true }));
  cpSync(join(ROOT, 'e2e/functions/rpc'), project, { recursive: true });
  const file = join(project, 'serverless.yml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return project;
}
