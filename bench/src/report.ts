import { cpus, release, totalmem } from 'node:os';
import { median } from './measure/stats.ts';
import type { Result } from './result.ts';

const FIGURES = ['rps', 'p50Us', 'p99Us', 'cpuUsPerRequest', 'rssMb'] as const;

/** Medians over the rounds, in the order in which the variants ran first. */
export function summarize(results: readonly Result[]): Result[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const key = `${result.case} ${result.variant} ${result.connections}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].flatMap((rounds) => {
    const [first] = rounds;
    if (!first) return [];
    const medians = Object.fromEntries(
      FIGURES.map((figure) => [figure, round(median(rounds.map((result) => result[figure])))]),
    );
    return [{ ...first, ...medians, errors: rounds.reduce((total, { errors }) => total + errors, 0) }];
  });
}

/** An aligned table; ratios against `direct` where the case has it. */
export function table(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const direct = find(results, result.case, 'direct', result.connections);
    const ratio = (figure: 'rps' | 'p50Us' | 'cpuUsPerRequest'): string =>
      direct && direct[figure] > 0 ? `${(result[figure] / direct[figure]).toFixed(2)}×` : '';
    const { connections, rps, p50Us, p99Us, cpuUsPerRequest, rssMb, errors } = result;
    return [
      result.case,
      result.variant,
      connections,
      rps,
      ratio('rps'),
      p50Us,
      ratio('p50Us'),
      p99Us,
      cpuUsPerRequest,
      ratio('cpuUsPerRequest'),
      rssMb,
      errors,
    ].map(String);
  });
  const head = ['case', 'variant', 'conn', 'rps', '', 'p50 µs', '', 'p99 µs', 'CPU µs/req', '', 'RSS MB', 'errors'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

interface Bar {
  text: string;
  value: number | undefined;
  met(value: number): boolean;
}

/** Each bar with its figure; those whose cases did not run are left out. */
export function judge(results: readonly Result[]): string[] {
  const figure = (
    name: string,
    variant: string,
    connections: number,
    key: (typeof FIGURES)[number],
  ): number | undefined => find(results, name, variant, connections)?.[key];
  const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || !b ? undefined : a / b;
  const echo = (variant: string, connections: number, key: (typeof FIGURES)[number]) =>
    figure('echo', variant, connections, key);
  const bars: Bar[] = [
    {
      text: 'echo 32: pod ≥ 0.45 × direct, requests/s',
      value: ratio(echo('pod', 32, 'rps'), echo('direct', 32, 'rps')),
      met: (v) => v >= 0.45,
    },
    {
      text: 'echo 32: pod ≥ 1.2 × reverse-proxy, requests/s',
      value: ratio(echo('pod', 32, 'rps'), echo('reverse-proxy', 32, 'rps')),
      met: (v) => v >= 1.2,
    },
    {
      text: 'echo 32: pod ≥ 4 × unary, requests/s',
      value: ratio(echo('pod', 32, 'rps'), echo('unary', 32, 'rps')),
      met: (v) => v >= 4,
    },
    {
      text: 'echo 32: CPU per request ≤ 2.3 × direct',
      value: ratio(echo('pod', 32, 'cpuUsPerRequest'), echo('direct', 32, 'cpuUsPerRequest')),
      met: (v) => v <= 2.3,
    },
    {
      text: 'echo 1: p50 ≤ 2.6 × direct',
      value: ratio(echo('pod', 1, 'p50Us'), echo('direct', 1, 'p50Us')),
      met: (v) => v <= 2.6,
    },
    {
      text: 'echo 256: ≥ 0.9 × the requests/s at 32',
      value: ratio(echo('pod', 256, 'rps'), echo('pod', 32, 'rps')),
      met: (v) => v >= 0.9,
    },
    {
      text: 'routes-1000: ≥ 0.95 × one route',
      value: ratio(figure('routes-1000', 'pod', 32, 'rps'), figure('routes-1000', 'one-route', 32, 'rps')),
      met: (v) => v >= 0.95,
    },
    { text: 'memory: sidecar ≤ 100 MB idle', value: figure('memory', 'idle', 32, 'rssMb'), met: (v) => v <= 100 },
    {
      text: 'memory: sidecar grows ≤ 20 MB in a million requests',
      value: figure('memory', 'growth', 32, 'rssMb'),
      met: (v) => v <= 20,
    },
    { text: 'cold-start ≤ 600 ms', value: ratio(figure('cold-start', 'pod', 1, 'p50Us'), 1_000), met: (v) => v <= 600 },
    { text: 'stream-1g up: grows ≤ 64 MB', value: figure('stream-1g', 'pod-up', 1, 'rssMb'), met: (v) => v <= 64 },
    { text: 'stream-1g down: grows ≤ 64 MB', value: figure('stream-1g', 'pod-down', 1, 'rssMb'), met: (v) => v <= 64 },
    {
      text: 'cache-get 32: bottle ≥ 0.45 × ioredis, calls/s',
      value: ratio(figure('cache-get', 'bottle', 32, 'rps'), figure('cache-get', 'direct', 32, 'rps')),
      met: (v) => v >= 0.45,
    },
    {
      text: 'cache-get 32: bottle ≥ 8 × unary, calls/s',
      value: ratio(figure('cache-get', 'bottle', 32, 'rps'), figure('cache-get', 'unary', 32, 'rps')),
      met: (v) => v >= 8,
    },
    {
      text: 'cache-get 1: p50 ≤ 4.5 × ioredis',
      value: ratio(figure('cache-get', 'bottle', 1, 'p50Us'), figure('cache-get', 'direct', 1, 'p50Us')),
      met: (v) => v <= 4.5,
    },
    { text: 'through-hit ≥ 1,000,000/s', value: figure('through-hit', 'bottle', 1, 'rps'), met: (v) => v >= 1e6 },
    {
      text: 'db-select 32: bottle ≥ 0.6 × mysql2, calls/s',
      value: ratio(figure('db-select', 'bottle', 32, 'rps'), figure('db-select', 'direct', 32, 'rps')),
      met: (v) => v >= 0.6,
    },
    {
      text: 'rpc-unary 32: bottle ≥ 0.5 × plain grpc-js, calls/s',
      value: ratio(figure('rpc-unary', 'bottle', 32, 'rps'), figure('rpc-unary', 'direct', 32, 'rps')),
      met: (v) => v >= 0.5,
    },
    {
      text: 'mq-publish 64: bottle ≥ 0.8 × kafkajs, messages/s',
      value: ratio(figure('mq-publish', 'bottle', 64, 'rps'), figure('mq-publish', 'direct', 64, 'rps')),
      met: (v) => v >= 0.8,
    },
    {
      text: 'mq-consume: one by one ≥ 0.6 × kafkajs, messages/s',
      value: ratio(figure('mq-consume', 'bottle', 8, 'rps'), figure('mq-consume', 'kafkajs', 8, 'rps')),
      met: (v) => v >= 0.6,
    },
    {
      text: 'mq-consume: in batches ≥ 0.85 × kafkajs, messages/s',
      value: ratio(figure('mq-consume', 'bottle-batch', 8, 'rps'), figure('mq-consume', 'kafkajs-batch', 8, 'rps')),
      met: (v) => v >= 0.85,
    },
    ...['pod', 'pod-redis'].map((variant) => ({
      text: `timer-drift ${variant}: p99 ≤ 50 ms`,
      value: ratio(figure('timer-drift', variant, 1, 'p99Us'), 1_000),
      met: (v: number) => v <= 50,
    })),
  ];
  return bars.flatMap(({ text, value, met }) =>
    value === undefined ? [] : [`${met(value) ? 'met   ' : 'MISSED'}  ${text}: ${value.toFixed(2)}`],
  );
}

export function describeMachine(): object {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}

function find(results: readonly Result[], name: string, variant: string, connections: number): Result | undefined {
  return results.find(
    (result) => result.case === name && result.variant === variant && result.connections === connections,
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
