// Runs every case and variant, prints a table with ratios and how the bars were met, and writes the figures as JSON.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCacheGet, runDbSelect, runDbSelectEmbedded, runMqPublish, runThroughHit } from './cases/bottle-calls.ts';
import { runColdStart } from './cases/cold-start.ts';
import { runEcho, runPayload, runRoutes } from './cases/echo.ts';
import { runMemory } from './cases/memory.ts';
import { runMqConsume } from './cases/mq-consume.ts';
import { runRpcUnary } from './cases/rpc-unary.ts';
import { runStream } from './cases/stream.ts';
import { runTimerDrift } from './cases/timer-drift.ts';
import { describeMachine, judge, summarize, table } from './report.ts';
import type { BenchOptions, Result } from './result.ts';
import { Processes } from './variants/processes.ts';

const CASES = {
  echo: runEcho,
  'routes-1000': runRoutes,
  'payload-100k': runPayload,
  'cold-start': runColdStart,
  'stream-1g': runStream,
  memory: runMemory,
  'cache-get': runCacheGet,
  'through-hit': runThroughHit,
  'db-select': runDbSelect,
  'db-select-embedded': runDbSelectEmbedded,
  'mq-publish': runMqPublish,
  'rpc-unary': runRpcUnary,
  'mq-consume': runMqConsume,
  'timer-drift': runTimerDrift,
} as const;
const USAGE = `Usage: npm run bench -- [options]

  --only CASE          ${Object.keys(CASES).join(', ')}
  --json FILE          write the figures
  --rounds N           of each measurement; medians are reported  (3)
  --seconds N          of one measurement, after a second of warm-up  (3)
  --requests N         of the memory case  (1000000)
  --stall-seconds N    how long the reader of stream-1g stalls  (5; 30 with --only stream-1g)
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '1000000' },
    'stall-seconds': { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (values.only !== undefined && !Object.hasOwn(CASES, values.only)) {
  process.stderr.write(`there is no case "${values.only}"\n\n${USAGE}`);
  process.exit(64);
}

const processes = new Processes();
process.on('exit', () => processes.killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const options: BenchOptions = {
  rounds: Number(values.rounds),
  durationMs: Number(values.seconds) * 1_000,
  warmUpMs: 1_000,
  requests: Number(values.requests),
  stallMs: Number(values['stall-seconds'] ?? (values.only === 'stream-1g' ? 30 : 5)) * 1_000,
  progress: (line) => void process.stderr.write(`${line}\n`),
};
const results: Result[] = [];
for (const [name, run] of Object.entries(CASES)) {
  if (values.only === undefined || values.only === name) results.push(...(await run(options, processes)));
}
const summary = summarize(results);
process.stdout.write(`\n${table(summary)}\n\n${judge(summary).join('\n')}\n`);
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine: describeMachine(), results: summary }, null, 2)}\n`);
const errors = summary.reduce((total, result) => total + result.errors, 0);
if (errors > 0) process.stderr.write(`${errors} errors\n`);
process.exit(errors > 0 ? 1 : 0);
