import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runLoad } from '../load/run-load.ts';
import { residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, untilServing } from '../variants/variant.ts';

const ECHO_PROJECT = fileURLToPath(new URL('../../functions/echo', import.meta.url));
const IDLE_MS = 2_000;
const REQUEST =
  'POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

/** The sidecar's resident memory: idle (variant `idle`), and its growth by a million requests (variant `growth`). */
export async function runMemory(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const running = await pod(ECHO_PROJECT)(processes);
  await untilServing(running.port, '/echo', {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  await delay(IDLE_MS);
  const sidecar = running.pids[0] ?? 0;
  const idleBytes = residentBytes(sidecar);
  const order = {
    port: running.port,
    connections: 32,
    request: REQUEST,
    warmUpMs: 0,
    durationMs: 600_000,
    maxRequests: options.requests,
  };
  const { requests, errors, seconds, p50Us, p99Us } = await runLoad(order, () => {});
  await delay(IDLE_MS);
  const growthBytes = residentBytes(sidecar) - idleBytes;
  await running.stop();
  const shared = { case: 'memory', connections: 32, rps: requests / seconds, p50Us, p99Us, cpuUsPerRequest: 0, errors };
  options.progress(`memory: ${mib(idleBytes)} MiB idle, ${mib(growthBytes)} MiB more after ${requests} requests`);
  return [
    { ...shared, variant: 'idle', rssMb: idleBytes / 2 ** 20 },
    { ...shared, variant: 'growth', rssMb: growthBytes / 2 ** 20 },
  ];
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
