import { createHash } from 'node:crypto';
import type { TimerTrigger__Output } from '@bottle/protos';

/** Times of a schedule, in milliseconds since 1970. */
interface Slots {
  /** The newest ones, oldest first. */
  newest: number[];
  /** All of them; of a cron expression no more than one above what was asked for is counted. */
  total: number;
}

/** When a function is to run. A slot is the time that a tick is for, whenever it comes. */
export interface Schedule {
  /** For people: "cron 0 0 3 * * * (Europe/Berlin)". */
  readonly text: string;
  /** Two schedules with the same rule have the same slots. */
  readonly rule: string;
  /** Slots are counted from the end of the run before: there is only ever one. */
  readonly followsRuns: boolean;
  /** The first slot after a time; undefined when there is none. */
  after(timeMs: number): number | undefined;
  /** The slots after a time, up to and with another; the newest `max` of them. */
  between(afterMs: number, upToMs: number, max: number): Slots;
  /** When a slot is due: at its time, or later by its jitter, which is the same in every pod. */
  dueAt(slot: number): number;
}

/** The schedule of a trigger. Throws when its cron expression or time zone means nothing. */
export async function createSchedule(trigger: TimerTrigger__Output): Promise<Schedule> {
  const { name, jitterMs } = trigger;
  const jittered = {
    dueAt: jitterMs === 0 ? (slot: number) => slot : (slot: number) => slot + jitterOf(`${name} ${slot}`, jitterMs),
  };
  if (trigger.schedule === 'cron') return { ...jittered, ...(await cronSchedule(trigger)) };
  if (trigger.schedule === 'everyMs') return { ...jittered, ...multiples(Number(trigger.everyMs)) };
  return { ...jittered, ...following(Number(trigger.intervalMs)) };
}

type Times = Omit<Schedule, 'dueAt'>;

function multiples(periodMs: number): Times {
  const after = (timeMs: number): number => (Math.floor(timeMs / periodMs) + 1) * periodMs;
  return {
    text: `every ${periodMs} ms`,
    rule: `every ${periodMs} ms`,
    followsRuns: false,
    after,
    between(afterMs, upToMs, max) {
      const last = Math.floor(upToMs / periodMs);
      const total = Math.max(0, last - Math.floor(afterMs / periodMs));
      const count = Math.min(total, max);
      return { newest: Array.from({ length: count }, (_, at) => (last - count + 1 + at) * periodMs), total };
    },
  };
}

/** The only slot is one period after the time that is asked about: the end of the run before. */
function following(periodMs: number): Times {
  return {
    text: `${periodMs} ms after the run before`,
    rule: `interval ${periodMs} ms`,
    followsRuns: true,
    after: (timeMs) => timeMs + periodMs,
    between: (afterMs, upToMs) => {
      const newest = afterMs + periodMs <= upToMs ? [afterMs + periodMs] : [];
      return { newest, total: newest.length };
    },
  };
}

/** The library is loaded when the first cron expression is. */
async function cronSchedule({ cron = '', timeZone }: TimerTrigger__Output): Promise<Times> {
  const { Cron } = await import('croner');
  const timezone = timeZone === '' ? 'UTC' : timeZone;
  const expression = new Cron(cron, { timezone, mode: '5-or-6-parts', paused: true });
  const text = `cron ${cron} (${timezone})`;
  return {
    text,
    rule: text,
    followsRuns: false,
    after: (timeMs) => expression.nextRun(new Date(timeMs))?.getTime(),
    between(afterMs, upToMs, max) {
      // Looked for backwards, so that a year without a pod costs no more than a minute.
      const before = new Date(Math.floor(upToMs) + 1);
      const all = expression.previousRuns(max + 1, before).map((date) => date.getTime());
      const newest = all.filter((slot) => slot > afterMs).toReversed();
      return { newest: newest.slice(-max), total: newest.length };
    },
  };
}

/** From 0 to `maxMs`, as random as a hash. */
function jitterOf(text: string, maxMs: number): number {
  return Math.floor((createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32) * (maxMs + 1));
}
