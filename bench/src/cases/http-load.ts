import { runLoad } from '../load/run-load.ts';
import { cpuMicroseconds, residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { untilServing, type Variant } from '../variants/variant.ts';

export interface HttpLoadCase {
  name: string;
  variants: Readonly<Record<string, Variant>>;
  connections: readonly number[];
  path: string;
  body: string;
}

/** Rounds interleave the variants, so that the noise of a shared machine hits all of them alike. */
export async function runHttpLoad(load: HttpLoadCase, options: BenchOptions, processes: Processes): Promise<Result[]> {
  const results: Result[] = [];
  const request = postRequest(load.path, load.body);
  for (let round = 1; round <= options.rounds; round++) {
    for (const [variant, start] of Object.entries(load.variants)) {
      const running = await start(processes);
      await untilServing(running.port, load.path, {
        method: 'POST',
        body: load.body,
        headers: { 'content-type': 'application/json' },
      });
      for (const connections of load.connections) {
        const { port, pids } = running;
        let cpuBefore = 0;
        const order = {
          port,
          connections,
          request,
          expectedBody: load.body,
          warmUpMs: options.warmUpMs,
          durationMs: options.durationMs,
        };
        const { requests, errors, seconds, p50Us, p99Us } = await runLoad(order, () => {
          cpuBefore = cpuMicroseconds(pids);
        });
        const cpuUsPerRequest = (cpuMicroseconds(pids) - cpuBefore) / requests;
        const rssMb = pids.reduce((total, pid) => total + residentBytes(pid), 0) / 2 ** 20;
        const rps = requests / seconds;
        results.push({ case: load.name, variant, connections, rps, p50Us, p99Us, cpuUsPerRequest, rssMb, errors });
        options.progress(
          `${load.name} ${variant} c=${connections} round ${round}: ${Math.round(rps)}/s, p50 ${Math.round(p50Us)} µs`,
        );
      }
      await running.stop();
    }
  }
  return results;
}

function postRequest(path: string, body: string): string {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
