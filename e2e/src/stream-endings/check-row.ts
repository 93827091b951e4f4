// The four things that are checked of every ending.
import { waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { type Row, type Verdict, WITHIN_MS } from './row.ts';
import type { Stage } from './stage.ts';

/** How long counts and logs may take to settle. */
const SETTLE_MS = 3_000;
/** The same for what is left behind: a dial to a process that dies meanwhile is given up after five seconds. */
const CLEAN_MS = 8_000;
const ERROR_LEVEL = 50;

/** How long a process may keep a line to itself. */
const LAST_LINES_MS = 1_000;

type Line = TestProcess['lines'][number];
type Processes = Record<'sidecar' | 'runtime', TestProcess>;

export async function checkRow(row: Row, stage: Stage): Promise<Verdict> {
  const { sidecar, runtime } = stage;
  const countedBefore = await stage.metrics();
  const heldBefore = await stage.held();
  await stage.untilLogged();
  const processes = { sidecar, runtime };
  const since = sidecar.lines.length;
  stage.mark();
  const seen = await row.act(stage);
  stage.settle();
  const { tookMs, lastKilled } = stage;
  const faults: string[] = [];
  if (seen !== row.expected) faults.push(`the client saw ${seen}, not ${row.expected}`);
  if (tookMs > WITHIN_MS) faults.push(`it took ${Math.round(tookMs)} ms`);

  if (row.metric !== '') {
    const before = countedBefore.get(row.metric) ?? 0;
    let after = before;
    const isCounted = async (): Promise<boolean> => {
      after = (await stage.metrics()).get(row.metric) ?? 0;
      return after === before + 1;
    };
    await waitFor(isCounted, SETTLE_MS).catch(() => faults.push(`${row.metric} grew by ${after - before}`));
  }

  faults.push(...(await faultsOfLogs(row, stage, processes, since)));
  await stage.restart();
  stage.lastKilled = undefined;
  faults.push(...(await leftBehind(stage, heldBefore, lastKilled)));
  return { row, seen, tookMs, faults };
}

/** One error line with the invocation's id and the stack, or none. Lines come some time after what they tell of. */
async function faultsOfLogs(
  { log, metric }: Row,
  stage: Stage,
  { sidecar, runtime }: Processes,
  since: number,
): Promise<string[]> {
  const answered = (): Line[] =>
    sidecar.lines
      .slice(since)
      .filter(({ msg, path }) => (msg === 'request' || msg === 'call') && !isOurs(String(path)));
  if (metric !== '') await waitFor(() => answered().length > 0, SETTLE_MS).catch(() => {});
  const ids = new Set(answered().map(({ invocationId }) => invocationId));
  const errorsOf = (process: TestProcess): Line[] =>
    process.lines.filter(({ level, invocationId }) => Number(level) >= ERROR_LEVEL && ids.has(invocationId));
  const owner = log === 'function' ? runtime : sidecar;
  const other = log === 'function' ? sidecar : runtime;
  const wanted = log === 'nothing' ? 0 : 1;
  await waitFor(() => errorsOf(owner).length >= wanted, SETTLE_MS).catch(() => {});
  const errors = [...errorsOf(owner), ...errorsOf(other)];
  for (const line of errors) stage.explained.add(line);
  const faults: string[] = [];
  if (errors.length !== wanted) faults.push(`${errors.length} error lines: ${JSON.stringify(errors)}`);
  else if (errorsOf(owner).length !== wanted) faults.push(`the error line is not the ${log}'s`);
  for (const { err } of errors)
    if (!(err as { stack?: string } | undefined)?.stack?.includes('\n')) faults.push('the error line has no stack');
  return faults;
}

/** Asked by the checks themselves. */
function isOurs(path: string): boolean {
  return path === '/handles' || path.startsWith('/seen/');
}

/** After the last row: error lines that no row looked at. */
export async function strayErrors(stage: Stage): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, LAST_LINES_MS));
  return stage.processes
    .flatMap(({ lines }) => lines.filter((line) => Number(line['level']) >= ERROR_LEVEL && !stage.explained.has(line)))
    .map((line) => `an error line of no row: ${JSON.stringify(line)}`);
}

/** Nothing is under way, and both processes hold what they held before. */
async function leftBehind(stage: Stage, before: Record<string, number>, killed: string | undefined): Promise<string[]> {
  let left: string[] = [];
  const isClean = async (): Promise<boolean> => {
    left = [];
    for (const [series, value] of await stage.metrics())
      if (value !== 0 && /^bottle_(in_flight|waiting|channel_pending|resource_in_flight)/.test(series))
        left.push(`${series} ${value}`);
    const held = await stage.held();
    for (const [what, count] of Object.entries(held)) {
      const isNew = what === 'files of the sidecar' ? killed === 'sidecar' : killed === 'runtime';
      if (!isNew && count > (before[what] ?? 0)) left.push(`${what}: ${count}, before ${before[what] ?? 0}`);
    }
    return left.length === 0;
  };
  await waitFor(isClean, CLEAN_MS).catch(() => {});
  return left;
}
