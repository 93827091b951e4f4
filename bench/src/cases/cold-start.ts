import { fileURLToPath } from 'node:url';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, program, untilServing } from '../variants/variant.ts';

const ECHO_PROJECT = fileURLToPath(new URL('../../functions/echo', import.meta.url));
const TRIES = 5;

/** All processes of a variant spawned → first 200. The time is in p50Us of each try. */
export async function runColdStart(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const results: Result[] = [];
  const variants = { pod: pod(ECHO_PROJECT), direct: program('direct-server') };
  for (let round = 0; round < Math.max(TRIES, options.rounds); round++) {
    for (const [variant, start] of Object.entries(variants)) {
      const startedAt = performance.now();
      const running = await start(processes);
      await untilServing(running.port, '/echo', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
      const us = (performance.now() - startedAt) * 1_000;
      results.push({
        case: 'cold-start',
        variant,
        connections: 1,
        rps: 0,
        p50Us: us,
        p99Us: us,
        cpuUsPerRequest: 0,
        rssMb: 0,
        errors: 0,
      });
      options.progress(`cold-start ${variant}: ${Math.round(us / 1000)} ms`);
      await running.stop();
    }
  }
  return results;
}
