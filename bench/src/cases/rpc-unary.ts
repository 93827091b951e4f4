import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@bottle/test-servers';
import type { LoadMessage, LoadResult } from '../load/generator.ts';
import type { RpcOrder } from '../load/rpc-client.ts';
import { cpuMicroseconds, residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, program, type Running } from '../variants/variant.ts';

const PROJECT = fileURLToPath(new URL('../../functions/rpc', import.meta.url));
const IN_FLIGHT = [1, 32];

/** A unary gRPC method: the pod with the service's .proto file, and a plain grpc-js server with the same function. */
const VARIANTS: Readonly<Record<string, (processes: Processes) => Promise<Running>>> = {
  async bottle(processes) {
    const port = await findFreePort();
    const running = await pod(PROJECT, ['--rpc-port', String(port), '--rpc-host', '127.0.0.1'])(processes);
    return { ...running, port };
  },
  direct: program('direct-rpc-server'),
};

/** Rounds interleave the variants, so that the noise of a shared machine hits both alike. */
export async function runRpcUnary(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const results: Result[] = [];
  const { warmUpMs, durationMs } = options;
  for (let round = 1; round <= options.rounds; round++) {
    for (const [variant, start] of Object.entries(VARIANTS)) {
      const { port, pids, stop } = await start(processes);
      for (const inFlight of IN_FLIGHT) {
        let cpuBefore = 0;
        const measured = await runClient({ port, inFlight, warmUpMs, durationMs }, () => {
          cpuBefore = cpuMicroseconds(pids);
        });
        const { requests, errors, seconds, p50Us, p99Us } = measured;
        const cpuUsPerRequest = (cpuMicroseconds(pids) - cpuBefore) / requests;
        const rssMb = pids.reduce((total, pid) => total + residentBytes(pid), 0) / 2 ** 20;
        const rps = requests / seconds;
        const figures = { rps, p50Us, p99Us, cpuUsPerRequest, rssMb, errors };
        results.push({ case: 'rpc-unary', variant, connections: inFlight, ...figures });
        options.progress(
          `rpc-unary ${variant} in flight ${inFlight} round ${round}: ${Math.round(rps)}/s, p50 ${Math.round(p50Us)} µs`,
        );
      }
      await stop();
    }
  }
  return results;
}

function runClient(order: RpcOrder, onMeasuring: () => void): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('../load/rpc-client.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    child.on('message', (message: LoadMessage) => {
      if (message.kind === 'measuring') onMeasuring();
      else resolve(message.result);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the client ended early with code ${code}`)));
    child.send(order);
  });
}
