import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuMicroseconds, residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, type Running, untilServing } from '../variants/variant.ts';

const PROJECT = fileURLToPath(new URL('../../functions/stream', import.meta.url));
const TOTAL_BYTES = 2 ** 30;
const CHUNK = Buffer.alloc(64 * 1024, 'b');
const SAMPLE_MS = 50;

/** A gibibyte up and down. `rssMb` is the largest growth of either process; `rps` is MiB/s. */
export async function runStream(options: BenchOptions, processes: Processes): Promise<Result[]> {
  const results: Result[] = [];
  for (const [variant, transfer] of Object.entries({ 'pod-up': upload, 'pod-down': download })) {
    const running = await pod(PROJECT)(processes);
    await untilServing(running.port, '/produced');
    const growth = watchGrowth(running);
    const cpuBefore = cpuMicroseconds(running.pids);
    const startedAt = performance.now();
    const bytes = await transfer(running.port);
    const seconds = (performance.now() - startedAt) / 1_000;
    const rssMb = growth() / 2 ** 20;
    const cpuUsPerRequest = cpuMicroseconds(running.pids) - cpuBefore;
    const errors = bytes === TOTAL_BYTES ? 0 : 1;
    results.push({
      case: 'stream-1g',
      variant,
      connections: 1,
      rps: 1024 / seconds,
      p50Us: seconds * 1e6,
      p99Us: seconds * 1e6,
      cpuUsPerRequest,
      rssMb,
      errors,
    });
    options.progress(`stream-1g ${variant}: ${Math.round(1024 / seconds)} MiB/s, grew ${rssMb.toFixed(1)} MiB`);
    await running.stop();
  }
  results.push(await stall(options, processes));
  return results;
}

/** A reader that stops reading: `rssMb` is the growth, `errors` 1 if the writer went on producing. */
async function stall(options: BenchOptions, processes: Processes): Promise<Result> {
  const running = await pod(PROJECT)(processes);
  await untilServing(running.port, '/produced');
  const growth = watchGrowth(running);
  const request = httpRequest({ port: running.port, path: `/down?bytes=${TOTAL_BYTES}` }).end();
  request.on('error', () => {}); // it is cut off below
  request.once('response', (response) => response.pause());
  await delay(1_000);
  const before = await producedBytes(running.port);
  await delay(options.stallMs);
  const after = await producedBytes(running.port);
  request.destroy();
  const rssMb = growth() / 2 ** 20;
  await running.stop();
  options.progress(
    `stream-1g stalled reader: ${after - before} bytes produced in ${options.stallMs / 1000} s, after ${before} at first`,
  );
  const errors = after === before && before > 0 && before < TOTAL_BYTES ? 0 : 1;
  return {
    case: 'stream-1g',
    variant: 'stalled-reader',
    connections: 1,
    rps: 0,
    p50Us: 0,
    p99Us: 0,
    cpuUsPerRequest: 0,
    rssMb,
    errors,
  };
}

/** Samples resident memory; the returned function stops and gives the largest growth of any process, in bytes. */
function watchGrowth({ pids }: Running): () => number {
  const before = pids.map(residentBytes);
  let largest = 0;
  const sample = (): void => {
    for (const [index, pid] of pids.entries()) largest = Math.max(largest, residentBytes(pid) - (before[index] ?? 0));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return () => {
    sample();
    clearInterval(timer);
    return largest;
  };
}

async function producedBytes(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/produced`);
  return ((await response.json()) as { producedBytes: number }).producedBytes;
}

function upload(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path: '/up', method: 'POST', headers: { 'content-length': TOTAL_BYTES } });
    request.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve((JSON.parse(text) as { bytes: number }).bytes));
    });
    request.on('error', reject);
    let sent = 0;
    const write = (): void => {
      while (sent < TOTAL_BYTES) {
        sent += CHUNK.length;
        if (!request.write(CHUNK)) {
          request.once('drain', write);
          return;
        }
      }
      request.end();
    };
    write();
  });
}

function download(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path: `/down?bytes=${TOTAL_BYTES}` }).end();
    request.on('error', reject);
    request.once('response', (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => resolve(bytes));
      response.on('error', reject);
    });
  });
}
