import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startRedis, type TestServer } from '@bottle/test-servers';
import { cpuMicroseconds, residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, untilServing } from '../variants/variant.ts';

const PROJECT = fileURLToPath(new URL('../../functions/timer', import.meta.url));
/** A tick each 100 ms: fewer would not have a ninety-ninth percentile. */
const MIN_DURATION_MS = 10_000;

interface Report {
  lateUs: number[];
}

/** An idle pod with a schedule of ten ticks a second: from a tick's time to the first line of the function. */
export async function runTimerDrift(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const redis = await startRedis();
  try {
    const results: Result[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const variant of ['pod', 'pod-redis']) {
        results.push(await measure(variant, variant === 'pod-redis' ? redis : undefined, round, options, processes));
      }
    }
    return results;
  } finally {
    await redis.stop();
  }
}

async function measure(
  variant: string,
  redis: TestServer | undefined,
  round: number,
  { durationMs, warmUpMs, progress }: BenchOptions,
  processes: Processes,
): Promise<Result> {
  const running = await pod(PROJECT, redis ? ['--config', configOf(redis, processes)] : [])(processes);
  try {
    await untilServing(running.port, '/drift', { method: 'POST' });
    await delay(warmUpMs);
    await post(running.port);
    const measuredMs = Math.max(durationMs, MIN_DURATION_MS);
    const cpuBefore = cpuMicroseconds(running.pids);
    await delay(measuredMs);
    const { lateUs } = await post(running.port);
    const cpuUs = cpuMicroseconds(running.pids) - cpuBefore;
    const sorted = lateUs.toSorted((a, b) => a - b);
    const percentile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
    const [p50Us, p99Us] = [percentile(0.5), percentile(0.99)];
    const expected = Math.floor(measuredMs / 100) - 1;
    progress(
      `timer-drift ${variant} round ${round}: ${sorted.length} ticks, p50 ${Math.round(p50Us)} µs, p99 ${Math.round(p99Us)} µs`,
    );
    return {
      case: 'timer-drift',
      variant,
      connections: 1,
      rps: sorted.length / (measuredMs / 1_000),
      p50Us,
      p99Us,
      cpuUsPerRequest: cpuUs / Math.max(1, sorted.length),
      rssMb: running.pids.reduce((total, pid) => total + residentBytes(pid), 0) / 2 ** 20,
      errors: Math.max(0, expected - sorted.length),
    };
  } finally {
    await running.stop();
  }
}

/** The pods of each round have a schedule of their own. */
function configOf(redis: TestServer, processes: Processes): string {
  const directory = processes.directory();
  const config = join(directory, 'sidecar.yml');
  const timers = { driver: 'redis', url: redis.address, keyPrefix: `${directory}:` };
  writeFileSync(config, JSON.stringify({ resources: { lock: { timers } } }));
  return config;
}

async function post(port: number): Promise<Report> {
  const response = await fetch(`http://127.0.0.1:${port}/drift`, { method: 'POST' });
  if (!response.ok) throw new Error(`no report: ${await response.text()}`);
  return (await response.json()) as Report;
}
