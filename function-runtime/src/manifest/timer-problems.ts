import type { ConfigProblem, ConfigSource } from '@bottle/config-file';
import { duration, toMs } from './field-schemas.ts';

const MIN_PERIOD_MS = 10;
/** Gaps between ticks that are looked at to tell whether a jitter fits between them. */
const GAPS = 50;

interface RawSchedule {
  owner: string;
  /** Its place among the schedules of its function. */
  position: number;
  /** "functions.report.events.0.timer", in parts. */
  at: (string | number)[];
  timer: Record<string, unknown>;
}

/** A mistake, and the field that it is in. */
type Mistake = [field: string, message: string];

/** What is wrong with the schedules of a manifest. Works on data that is half wrong. */
export async function timerProblems(source: ConfigSource): Promise<ConfigProblem[]> {
  const schedules = [...rawSchedules(source.data)];
  const problems = await Promise.all(
    schedules.map(async ({ at, timer }) =>
      (await mistakesOf(timer)).map(([field, message]) => problemAt(source, [...at, field], message)),
    ),
  );
  return [...problems.flat(), ...duplicateNames(source, schedules)];
}

function duplicateNames(source: ConfigSource, schedules: readonly RawSchedule[]): ConfigProblem[] {
  const owners = new Map<string, string>();
  return schedules.flatMap(({ owner, position, at, timer }) => {
    const name = typeof timer['name'] === 'string' ? timer['name'] : `${owner}-${position}`;
    const other = owners.get(name);
    owners.set(name, other ?? owner);
    if (other === undefined) return [];
    return [problemAt(source, [...at, 'name'], `"${name}" is the name of a schedule of ${other} already`)];
  });
}

async function mistakesOf(timer: Record<string, unknown>): Promise<Mistake[]> {
  const { type, value, timeZone, jitter, broadcast } = timer;
  const jitterMs = duration.safeParse(jitter).success ? toMs(jitter as string | number) : 0;
  if (type === 'cron') return cronMistakes(value, timeZone, jitterMs);
  if (type !== 'every' && type !== 'interval') return [];
  const mistakes: Mistake[] = [];
  const parsed = duration.safeParse(value);
  const periodMs = parsed.success ? toMs(parsed.data) : undefined;
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const isCron = typeof value === 'string' && value.trim().split(/\s+/).length >= 5;
    const hint = isCron ? '; is it meant to be `type: cron`?' : '';
    mistakes.push(['value', `expected a duration for type ${type}, such as "30s"${hint || `: ${issue?.message}`}`]);
  } else if ((periodMs ?? 0) < MIN_PERIOD_MS) {
    mistakes.push(['value', `expected at least ${MIN_PERIOD_MS} ms`]);
  } else if (type === 'every' && jitterMs >= (periodMs ?? 0)) {
    mistakes.push(tooMuchJitter(periodMs ?? 0));
  }
  if (timeZone !== undefined)
    mistakes.push(['timeZone', `has no meaning for type ${type}: only cron has a time of day`]);
  if (type === 'interval' && broadcast === true)
    mistakes.push(['broadcast', 'expected type cron or every: pods have no common ticks that follow the end of a run']);
  return mistakes;
}

async function cronMistakes(value: unknown, timeZone: unknown, jitterMs: number): Promise<Mistake[]> {
  const mistakes: Mistake[] = [];
  const timezone = typeof timeZone === 'string' ? timeZone : 'UTC';
  if (!isTimeZone(timezone))
    mistakes.push(['timeZone', `"${timezone}" is not a time zone: expected a name such as "Europe/Berlin"`]);
  const fields = typeof value === 'string' ? value.trim().split(/\s+/) : [];
  if (typeof value !== 'string' || !(value.trim().startsWith('@') || fields.length === 5 || fields.length === 6)) {
    mistakes.push([
      'value',
      'expected five fields (minute hour day month weekday), or six with the second before them',
    ]);
    return mistakes;
  }
  const { Cron } = await import('croner');
  try {
    const expression = new Cron(value, {
      timezone: isTimeZone(timezone) ? timezone : 'UTC',
      mode: '5-or-6-parts',
      paused: true,
    });
    const times = expression.nextRuns(GAPS).map((date) => date.getTime());
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    const shortestMs = Math.min(...gaps);
    if (times.length === 0) mistakes.push(['value', `"${value}" never comes to pass`]);
    else if (jitterMs >= shortestMs) mistakes.push(tooMuchJitter(shortestMs));
  } catch (error) {
    mistakes.push([
      'value',
      `"${value}" is not a cron expression: ${(error as Error).message.replace(/^CronPattern: /, '')}`,
    ]);
  }
  return mistakes;
}

function tooMuchJitter(periodMs: number): Mistake {
  return ['jitter', `expected less than the ${periodMs / 1_000} s between two ticks`];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

function* rawSchedules(data: unknown): Iterable<RawSchedule> {
  for (const [owner, spec] of Object.entries(asRecord(asRecord(data)['functions']))) {
    const events = asRecord(spec)['events'];
    let position = 0;
    for (const [index, event] of (Array.isArray(events) ? events : []).entries()) {
      const { timer } = asRecord(event);
      if (typeof timer !== 'object' || timer === null) continue;
      yield { owner, position, at: ['functions', owner, 'events', index, 'timer'], timer: asRecord(timer) };
      position += 1;
    }
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function problemAt(source: ConfigSource, at: readonly (string | number)[], message: string): ConfigProblem {
  return { ...source.locate(at), path: at.join('.'), message };
}
