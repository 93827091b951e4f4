// Axes of what functions do and are: how many, fan-out, depth, log lines, timers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestPod } from '../../harness/pod.ts';
import type { Axis, OpenAxis } from '../axis.ts';
import { ask } from '../http-clients.ts';
import { openHttpAxis } from '../pod-axis.ts';

/** A project that is written for each size, started, and asked for its metrics. */
function openProjects(serverless: (size: number) => object, port: 'admin' | 'http'): OpenAxis {
  const started: TestPod[] = [];
  let pids: number[] = [];
  return {
    pids: () => pids,
    async run(size) {
      const directory = mkdtempSync(join(tmpdir(), 'bt-scale-'));
      writeFileSync(join(directory, 'serverless.yml'), JSON.stringify(serverless(size)));
      writeFileSync(join(directory, 'f.mjs'), 'export const f = () => "pong";\n');
      const pod = await TestPod.start({ project: directory });
      started.push(pod);
      pids = [pod.sidecar.pid, pod.runtime.pid];
      if (port === 'http') for (let at = 0; at < 100; at++) await ask(`${pod.url}/${at % size}`);
      const metrics = await pod.admin('/metrics');
      if (!metrics.ok) throw new Error(`/metrics was answered with ${metrics.status}`);
      await metrics.arrayBuffer();
      return async () => {
        pids = [];
        await pod.end();
        rmSync(directory, { recursive: true });
      };
    },
    direct: async (size) => void JSON.parse(JSON.stringify(serverless(size))),
    async close() {
      for (const pod of started) await pod.end();
    },
  };
}

const named = (size: number, describe: (at: number) => object): object => ({
  service: 'many',
  functions: Object.fromEntries(
    Array.from({ length: size }, (_, at) => [`f${at}`, { handler: 'f.f', ...describe(at) }]),
  ),
});

export const functionAxes: Axis[] = [
  {
    name: 'functions',
    unit: 'of one project, started and asked',
    sizes: [1, 10, 100, 1_000],
    short: [1, 10, 100, 300],
    supported: 1_000,
    open: async () =>
      openProjects((size) => named(size, (at) => ({ events: [{ http: { path: `/${at}`, method: 'get' } }] })), 'http'),
  },
  {
    name: 'timers',
    unit: 'of one project, one function each',
    sizes: [1, 10, 100, 1_000],
    short: [1, 10, 100, 300],
    supported: 1_000,
    open: async () =>
      openProjects((size) => named(size, () => ({ events: [{ timer: { type: 'every', value: '1h' } }] })), 'admin'),
  },
  {
    name: 'fan-out',
    unit: 'calls of functions by one function, at once',
    sizes: [1, 10, 100, 1_000],
    short: [1, 10, 100, 1_000],
    supported: 1_000,
    open: () =>
      openHttpAxis(
        async (url, size) => void (await ask(`${url}/spread?n=${size}`)),
        (_incoming, outgoing) => void outgoing.end('{}'),
      ),
  },
  {
    name: 'depth',
    unit: 'calls of functions, one inside the other, fifty times',
    sizes: [4, 8, 16, 32],
    short: [4, 8, 16, 32],
    supported: 32,
    open: () =>
      openHttpAxis(
        async (url, size) =>
          void (await Promise.all(Array.from({ length: 50 }, () => ask(`${url}/descend?n=${size}`)))),
        (_incoming, outgoing) => void outgoing.end('0'),
      ),
  },
  {
    name: 'log-lines',
    unit: 'in one invocation',
    sizes: [100, 1_000, 10_000, 100_000],
    short: [100, 1_000, 10_000, 100_000],
    supported: 100_000,
    open: () =>
      openHttpAxis(
        async (url, size) => void (await ask(`${url}/print?n=${size}`)),
        (_incoming, outgoing) => void outgoing.end('{}'),
      ),
  },
];
