import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { startKafka, startMysql, startRedis } from '@bottle/test-servers';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import type { LoopReport } from '../load/call-loop.ts';
import { cpuMicroseconds, residentBytes } from '../measure/processes.ts';
import type { BenchOptions, Result } from '../result.ts';
import type { Processes } from '../variants/processes.ts';
import { pod, program, untilServing, type Variant } from '../variants/variant.ts';

const PROJECT = fileURLToPath(new URL('../../functions/bottle', import.meta.url));
const ROWS = 1_000;

type VariantName = 'bottle' | 'direct' | 'unary';

/** What is called: where it is, and how it ends. */
interface Running {
  address: string;
  stop(): Promise<void>;
}

/** A real server, or a file, what the sidecar's configuration says of it, and what it holds before the loop. */
interface Middleware {
  start(): Promise<Running>;
  resources(address: string): object;
  seed(address: string): Promise<void>;
}

const REDIS: Middleware = {
  start: startRedis,
  resources: (url) => ({ cache: { bench: { driver: 'redis', url } } }),
  async seed(address) {
    const client = new Redis(address);
    await client.set('hundred-bytes', Buffer.alloc(100, 'r'));
    client.disconnect();
  },
};

const MYSQL: Middleware = {
  start: startMysql,
  resources: (url) => ({ db: { bench: { driver: 'mysql', url } } }),
  async seed(address) {
    const connection = await createConnection(address);
    await connection.query('drop table if exists bench_items');
    await connection.query('create table bench_items (id int primary key, name varchar(100), price decimal(10,2))');
    const rows = Array.from({ length: ROWS }, (_, at) => [at + 1, `item ${at}`, '12.50']);
    await connection.query('insert into bench_items values ?', [rows]);
    await connection.end();
  },
};

/** The address is the file's. */
const SQLITE: Middleware = {
  async start() {
    const folder = mkdtempSync(join(tmpdir(), 'bottle-bench-'));
    return { address: join(folder, 'bench.sqlite'), stop: async () => rmSync(folder, { recursive: true }) };
  },
  resources: (file) => ({ db: { bench: { driver: 'sqlite', file } } }),
  async seed(file) {
    using database = new DatabaseSync(file);
    database.exec('create table bench_items (id int primary key, name varchar(100), price decimal(10,2))');
    const insert = database.prepare('insert into bench_items values (?, ?, ?)');
    database.exec('begin');
    for (let at = 0; at < ROWS; at++) insert.run(at + 1, `item ${at}`, '12.50');
    database.exec('commit');
  },
};

const KAFKA: Middleware = {
  start: startKafka,
  resources: (brokers) => ({ mq: { bench: { driver: 'kafka', brokers: brokers.split(',') } } }),
  seed: async () => {},
};

/** Redis GET of 100 bytes. */
export function runCacheGet(options: BenchOptions, processes: Processes): Promise<Result[]> {
  return runCalls('cache-get', REDIS, [1, 32, 128], ['bottle', 'direct', 'unary'], options, processes);
}

/** A read-through hit in the function's own process. */
export function runThroughHit(options: BenchOptions, processes: Processes): Promise<Result[]> {
  return runCalls('through-hit', REDIS, [1], ['bottle'], options, processes);
}

/** One row by its primary key. */
export function runDbSelect(options: BenchOptions, processes: Processes): Promise<Result[]> {
  return runCalls('db-select', MYSQL, [1, 32], ['bottle', 'direct'], options, processes);
}

/** The same of the embedded database. */
export function runDbSelectEmbedded(options: BenchOptions, processes: Processes): Promise<Result[]> {
  return runCalls('db-select-embedded', SQLITE, [1, 32], ['bottle', 'direct'], options, processes);
}

/** One message of 1 KB, acknowledged by all replicas. */
export function runMqPublish(options: BenchOptions, processes: Processes): Promise<Result[]> {
  return runCalls('mq-publish', KAFKA, [1, 64], ['bottle', 'direct'], options, processes);
}

/** Rounds interleave the variants; the loop runs inside the function, or inside the plain process. */
async function runCalls(
  task: string,
  middleware: Middleware,
  inFlights: readonly number[],
  names: readonly VariantName[],
  options: BenchOptions,
  processes: Processes,
): Promise<Result[]> {
  const server = await middleware.start();
  try {
    await middleware.seed(server.address);
    const variants = variantsOf(middleware, server.address, processes);
    const results: Result[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const variant of names) {
        const running = await variants[variant](processes);
        await untilServing(running.port, '/loop', orderOf({ task, inFlight: 1, warmUpMs: 0, durationMs: 1 }));
        for (const inFlight of inFlights) {
          const { warmUpMs, durationMs } = options;
          await post(running.port, { task, inFlight, warmUpMs: 0, durationMs: warmUpMs });
          const cpuBefore = cpuMicroseconds(running.pids);
          const report = await post(running.port, { task, inFlight, warmUpMs: 0, durationMs });
          const cpuUsPerRequest = (cpuMicroseconds(running.pids) - cpuBefore) / report.calls;
          const rssMb = running.pids.reduce((total, pid) => total + residentBytes(pid), 0) / 2 ** 20;
          const rps = report.calls / report.seconds;
          const { p50Us, p99Us, errors, firstError } = report;
          if (firstError !== undefined)
            options.progress(`${task} ${variant}: ${errors} errors, the first: ${firstError}`);
          results.push({
            case: task,
            variant,
            connections: inFlight,
            rps,
            p50Us,
            p99Us,
            cpuUsPerRequest,
            rssMb,
            errors,
          });
          options.progress(
            `${task} ${variant} in flight ${inFlight} round ${round}: ${Math.round(rps)}/s, p50 ${Math.round(p50Us)} µs`,
          );
        }
        await running.stop();
      }
    }
    return results;
  } finally {
    await server.stop();
  }
}

function variantsOf(middleware: Middleware, address: string, processes: Processes): Record<VariantName, Variant> {
  const config = join(processes.directory(), 'sidecar.yml');
  writeFileSync(config, JSON.stringify({ resources: middleware.resources(address) }));
  const direct = program('direct-client');
  return {
    bottle: pod(PROJECT, ['--config', config]),
    direct: (all) => direct(all, [address]),
    unary: pod(PROJECT, ['--config', config, '--channel-batching', 'false']),
  };
}

async function post(port: number, order: object): Promise<LoopReport> {
  const response = await fetch(`http://127.0.0.1:${port}/loop`, orderOf(order));
  if (!response.ok) throw new Error(`the loop failed: ${await response.text()}`);
  return (await response.json()) as LoopReport;
}

function orderOf(order: object): RequestInit {
  return { method: 'POST', body: JSON.stringify(order), headers: { 'content-type': 'application/json' } };
}
