// A process that holds connections to one file, and does nothing else: a statement that takes long holds up this process alone,
// and ends with it. Its parent sends orders; it ends when the parent does.
import { Worker } from 'node:worker_threads';
import { createSqlCodecs, toWireError } from '@bottle/protos/database';
import type { SqliteFileOptions } from './sqlite-connection.ts';
import { SqliteConnections } from './sqlite-connections.ts';
import type { ProcessAnswer, ProcessOrder } from './sqlite-orders.ts';

const connections = new SqliteConnections(JSON.parse(process.argv[2] ?? '') as SqliteFileOptions);
const { result: results } = createSqlCodecs();

process.on('message', ({ number, connection, order }: ProcessOrder) => {
  const { result, error, ...rest } = connections.serve(connection, order);
  const answer: ProcessAnswer = {
    ...rest,
    number,
    ...(result ? { bytes: results.encode(result) } : {}),
    ...(error ? { error: toWireError(error) } : {}),
  };
  process.send?.(answer);
});
process.on('disconnect', () => connections.close()); // nothing else keeps this process
// A terminal sends them to all processes; this one is needed until its parent has drained.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const entry = import.meta.url.endsWith('.ts') ? './orphan-thread.ts' : './orphan-thread.js';
new Worker(new URL(entry, import.meta.url), { workerData: process.ppid }).unref();
