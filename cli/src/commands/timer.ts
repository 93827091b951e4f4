import { setTimeout as delay } from 'node:timers/promises';
import { AdminClient, PodError, reportingPodErrors } from '../admin-client.ts';
import { alignedTable } from '../aligned-table.ts';
import { type Command, parse, UsageError } from '../command.ts';
import { printJson } from '../config-operations.ts';
import { assertOperation } from '../operation.ts';
import { nearest } from '../nearest.ts';
import { readData } from '../read-data.ts';

const OPERATIONS = ['list', 'fire', 'history'] as const;

/** How long the pod is asked to hold the answer to a firing; after that its history is looked at. */
const WAIT_MS = 10_000;
const POLL_MS = 500;
/** Times that a run is in no list before it counts as gone: it leaves one just before it enters the other. */
const MAX_ABSENCES = 10;

/** As much of a run as is shown. */
interface Run {
  scheduledAt: string;
  startedAt: string | null;
  durationMs: number;
  /** "ok", "error", "lost", "running" */
  result: string;
  reason?: string;
  message?: string;
  pod: string;
  manual: boolean;
  shard?: { index: number; count: number };
  invocationId: string;
}

/** A schedule as the admin port describes it. */
interface Timer {
  name: string;
  function: string;
  schedule: string;
  enabled: boolean;
  nextAt: string | null;
  running: { scheduledAt: string; manual: boolean }[];
  runs: Run[];
}

/** `bottle timer`: schedules and their runs. */
export const timer: Command = {
  summary: 'shows schedules and their last runs, and fires one by hand',
  usage: `Usage: bottle timer <operation> [name] [options]

  list               all schedules: when they run next, and how the last run went
  history <name>     the last 50 runs in all pods, newest first
  fire <name>        runs it now, in the pod that is asked, and waits for its end

Asks the running pod.
  --data JSON        with fire: the payload instead of the one in serverless.yml; @file reads a file, - reads standard input
  --no-wait          with fire: does not wait for the end
  --json             as JSON
  --admin-port N     (BOTTLE_ADMIN_PORT, admin.port, 9901)
Exit codes: 0 done, 1 the pod refused or the run failed, 64 bad usage, 69 no pod answers.
`,
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string', short: 'd' },
        'no-wait': { type: 'boolean' },
        json: { type: 'boolean' },
        'admin-port': { type: 'string' },
      },
    });
    const [operation, name, ...more] = positionals;
    assertOperation('timer', OPERATIONS, operation);
    if (more.length > 0 || (operation === 'list' && name !== undefined))
      throw new UsageError(`"${more[0] ?? name}" is too much`);
    const pod = new AdminClient(values['admin-port'], context);
    if (operation === 'list') {
      return await reportingPodErrors(async () => {
        const { timers } = await pod.ask<{ timers: Timer[] }>({ path: ['timers'] });
        if (values.json) return printJson(timers);
        process.stdout.write(describeTimers(timers));
      });
    }
    if (name === undefined) throw new UsageError(`which schedule? bottle timer ${operation} <name>`);
    const payload = await readData(values.data, context);
    let exitCode = 0;
    const refused = await reportingPodErrors(async () => {
      await withSuggestion(pod, name, async () => {
        if (operation === 'history') {
          const { runs } = await pod.ask<Timer>({ path: ['timers', name] });
          if (values.json) return printJson(runs);
          process.stdout.write(describeRuns(name, runs));
          return;
        }
        const run = await fire(pod, name, payload, values['no-wait'] === true);
        if (values.json) printJson(run);
        else process.stdout.write(`${describeRun(name, run)}\n`);
        if (run.result !== 'ok' && run.result !== 'running') exitCode = 1;
      });
    });
    return refused === 0 ? exitCode : refused;
  },
};

/** Until the run is over, however long that takes. */
async function fire(pod: AdminClient, name: string, body: string | undefined, isHasty: boolean): Promise<Run> {
  const run = await pod.ask<Run>({
    method: 'POST',
    path: ['timers', name, 'fire'],
    query: { waitMs: isHasty ? '0' : String(WAIT_MS) },
    ...(body === undefined ? {} : { body }),
  });
  if (isHasty) return run;
  let current: Run | undefined = run;
  for (let absences = 0; current?.result === 'running' || current === undefined; ) {
    if (absences >= MAX_ABSENCES) throw new PodError(`the run has ended, and its result is not in the history`, 1);
    await delay(POLL_MS);
    const { runs, running } = await pod.ask<Timer>({ path: ['timers', name] });
    current = runs.find(({ invocationId }) => invocationId === run.invocationId);
    const goesOn = running.some(({ scheduledAt, manual }) => manual && scheduledAt === run.scheduledAt);
    absences = goesOn ? 0 : absences + 1;
  }
  return current;
}

/** A name that the pod does not know is met with the one that was probably meant. */
async function withSuggestion(pod: AdminClient, name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PodError) || error.reason !== 'no-timer') throw error;
    const { timers } = await pod.ask<{ timers: Timer[] }>({ path: ['timers'] });
    const meant = nearest(
      name,
      timers.map((each) => each.name),
    );
    throw meant ? new PodError(`${error.message}; did you mean "${meant}"?`, error.exitCode, error.reason) : error;
  }
}

function describeTimers(timers: readonly Timer[]): string {
  if (timers.length === 0) return 'No schedules: no function of this pod has a timer trigger.\n';
  const rows = timers.map(({ name, function: owner, schedule, enabled, nextAt, running, runs }) => {
    const [last] = runs;
    const next = enabled ? (nextAt ?? 'after its run') : 'disabled';
    const lastRun = last ? `${last.scheduledAt} ${resultOf(last)}` : '-';
    return [name, owner, schedule, next, String(running.length), lastRun];
  });
  return alignedTable([['SCHEDULE', 'FUNCTION', 'RULE', 'NEXT', 'RUNNING', 'LAST RUN'], ...rows]);
}

function describeRuns(name: string, runs: readonly Run[]): string {
  if (runs.length === 0) return `${name} has not run yet.\n`;
  const rows = runs.map((run) => [
    run.scheduledAt,
    run.startedAt ?? '-',
    `${run.durationMs} ms`,
    run.manual ? 'by hand' : run.shard ? `share ${run.shard.index + 1} of ${run.shard.count}` : '',
    run.pod,
    resultOf(run),
  ]);
  return alignedTable([['SCHEDULED', 'STARTED', 'TOOK', '', 'POD', 'RESULT'], ...rows]);
}

function describeRun(name: string, run: Run): string {
  if (run.result === 'running') return `${name} runs in pod ${run.pod}: bottle timer history ${name}`;
  return `${name}: ${resultOf(run)} after ${run.durationMs} ms in pod ${run.pod}`;
}

/** "error (deadline): the deadline has passed" */
function resultOf({ result, reason, message }: Run): string {
  return reason === undefined ? result : `${result} (${reason}): ${message}`;
}
