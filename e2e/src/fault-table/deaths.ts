import { existsSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, TestProcess } from '../harness/process.ts';
import { waitFor } from '../harness/pod.ts';
import { OpenLoop } from './open-loop.ts';
import { type Outcome, type Row, seconds, type Stage } from './row.ts';

const RATE = 200;
/** A request whose function process died under it. */
const startedOnly = (status: number, reason: string): boolean => status === 503 && reason === 'connection-lost';

/** `bottle start`: both processes, supervised. */
async function supervised(stage: Stage, env: Record<string, string> = {}) {
  const cli = join(ROOT, 'cli/src/main.ts');
  const project = join(ROOT, 'e2e/functions/fault-table');
  const supervisor = new TestProcess([cli, 'start', project, '--port', '0', '--admin-port', '0'], {
    EXECUTED_FILE: stage.executedFile,
    ...env,
  });
  stage.onEnd(() => supervisor.end());
  const { port, adminPort } = await supervisor.said('sidecar listens');
  const url = `http://127.0.0.1:${String(port)}`;
  const ready = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${String(adminPort)}/readyz`)).ok;
  await waitFor(ready, 20_000);
  const pidOf = async (): Promise<number> => {
    const answer = await fetch(`${url}/work`, { method: 'POST', headers: { 'x-request': `pid-${Math.random()}` } });
    return ((await answer.json()) as { pid: number }).pid;
  };
  return { supervisor, url, ready, pidOf };
}

interface Death {
  fault(url: string, pid: number): unknown;
  /** From the fault until the pod is unready. */
  unreadyMs: number;
  /** From then until it serves again. */
  servingMs: number;
  env?: Record<string, string>;
}

/** Ends the function's process under load, and measures until it serves again. */
async function functionDeath(stage: Stage, { fault, env, ...limits }: Death): Promise<Outcome> {
  const { supervisor, url, ready, pidOf } = await supervised(stage, env);
  const pid = await pidOf();
  const client = new OpenLoop({ url, path: '/work?ms=20', rate: RATE });
  await seconds(1);
  const faultAt = performance.now();
  fault(url, pid);
  await waitFor(async () => !(await ready()), 20_000);
  const goneAt = performance.now();
  await waitFor(ready, 30_000);
  const unreadyMs = Math.round(goneAt - faultAt);
  const servingMs = Math.round(performance.now() - goneAt);
  await seconds(1);
  await client.stop();
  const said = [...supervisor.lines.map((line) => textOf(line['msg'] ?? line['message'])), ...supervisor.stderr];
  const told = said.filter((text) => /runtime ended|blocked|heap out of memory/.test(text));
  const note = `unready after ${unreadyMs} ms, serving again ${servingMs} ms later; log: “${told.join('”, “')}”`;
  const inTime = unreadyMs <= limits.unreadyMs && servingMs <= limits.servingMs;
  return stage.reconcile(client, startedOnly, note, inTime && told.length > 0);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What nobody waits for the answer of. */
function post(url: string): void {
  fetch(url, { method: 'POST' }).catch(() => {});
}

export const deaths: readonly Row[] = [
  {
    number: 4,
    fault: 'SIGKILL function container',
    demand: 'only started calls fail, each with an explicit error; serving again ≤ 3 s',
    run: (stage) =>
      functionDeath(stage, {
        fault: (_url, pid) => process.kill(pid, 'SIGKILL'),
        unreadyMs: 1_000,
        servingMs: 3_000,
      }),
  },
  {
    number: 5,
    fault: 'SIGKILL sidecar',
    demand: 'the function survives; it is connected ≤ 2 s after the sidecar’s return',
    async run(stage) {
      const pod = await stage.startedPod();
      const first = new OpenLoop({ url: pod.url, path: '/work', rate: RATE });
      await seconds(1);
      pod.sidecar.kill('SIGKILL');
      await pod.sidecar.exit();
      await first.stop();
      await pod.startSidecar();
      const readyMs = await pod.untilReady();
      const isSame = pod.runtime.isRunning;
      const note = `connected again ${Math.round(readyMs)} ms after its return; the function ${isSame ? 'never stopped' : 'DIED'}`;
      // Nobody is left to explain: the connections of the dead sidecar break, and new ones are refused.
      return stage.reconcile(first, (status) => status === 0, note, readyMs <= 2_000 && isSame);
    },
  },
  {
    number: 6,
    fault: 'function out of memory',
    demand: 'as 4, the reason recorded',
    run: (stage) =>
      functionDeath(stage, {
        fault: (url) => post(`${url}/exhaust`),
        unreadyMs: 5_000, // until the memory is full
        servingMs: 3_000,
        env: { NODE_OPTIONS: '--max-old-space-size=96' },
      }),
  },
  {
    number: 7,
    fault: 'event loop blocked 30 s',
    demand: 'unready ≤ 6 s, restarted',
    run: (stage) =>
      functionDeath(stage, {
        fault: (url) => post(`${url}/block?ms=30000`),
        unreadyMs: 6_000,
        servingMs: 10_000, // the watchdog waits for 5 s before it ends the process
      }),
  },
  {
    number: 8,
    fault: 'only the function container restarts',
    demand: 'the pod is not drained; requests wait',
    async run(stage) {
      const pod = await stage.startedPod();
      const client = new OpenLoop({ url: pod.url, path: '/work', rate: RATE });
      await seconds(1);
      // A failed liveness probe: the kubelet runs that container's preStop alone, then ends it and starts it again.
      const hook = (await (await pod.admin('/wait-drained')).json()) as { drained: boolean };
      pod.runtime.kill('SIGTERM');
      await pod.runtime.exit();
      await pod.startRuntime().said('sidecar connected');
      await seconds(1);
      await client.stop();
      const isReady = (await pod.admin('/readyz')).ok;
      const note = `/wait-drained: ${JSON.stringify(hook.drained)}; ${isReady ? 'ready' : 'NOT READY'} afterwards`;
      return stage.reconcile(client, () => false, note, !hook.drained && isReady);
    },
  },
  {
    number: 9,
    fault: 'socket files stale, then deleted',
    demand: 'recovers ≤ 2 s',
    async run(stage) {
      const pod = await stage.startedPod();
      const client = new OpenLoop({ url: pod.url, path: '/work', rate: RATE });
      await seconds(0.5);
      pod.runtime.kill('SIGKILL'); // leaves its socket file
      await pod.runtime.exit();
      const next = pod.startRuntime();
      await next.said('sidecar connected');
      const staleMs = await pod.untilReady();
      for (const name of ['runtime.sock', 'sidecar.sock']) unlinkSync(join(pod.socketDir, name));
      await waitFor(
        () => ['runtime.sock', 'sidecar.sock'].every((name) => existsSync(join(pod.socketDir, name))),
        5_000,
      );
      rmSync(join(pod.socketDir, 'runtime.sock'));
      next.kill('SIGKILL');
      await next.exit();
      await pod.startRuntime().said('sidecar connected');
      const deletedMs = await pod.untilReady();
      await seconds(0.5);
      await client.stop();
      const note = `stale: ready ${Math.round(staleMs)} ms after its start; deleted: ${Math.round(deletedMs)} ms`;
      return stage.reconcile(client, startedOnly, note, Math.max(staleMs, deletedMs) <= 2_000);
    },
  },
];
