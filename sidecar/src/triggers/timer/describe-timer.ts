import type { TimerStatus } from './timer-host.ts';
import type { TimerRun } from './timer-history.ts';
import type { TimerPlan } from './timer-plan.ts';

/** A schedule for operators. Times are ISO 8601. */
export interface TimerDescription {
  name: string;
  function: string;
  /** "cron 0 0 3 * * * (UTC)" */
  schedule: string;
  enabled: boolean;
  misfire: string;
  overlap: string;
  jitterMs: number;
  broadcast: boolean;
  /** The next tick; null when there is none, or when it depends on the end of a run. */
  nextAt: string | null;
  running: { scheduledAt: string; pod: string; manual: boolean }[];
  /** Ticks that wait for the run before. */
  waiting: number;
  /** Newest first. */
  runs: TimerRun[];
}

export function describeTimer(plan: TimerPlan, status: TimerStatus, runs: TimerRun[]): TimerDescription {
  const { name, schedule, trigger } = plan;
  const { nextAt, running, waiting } = status;
  return {
    name,
    function: plan.function,
    schedule: schedule.text,
    enabled: !trigger.disabled,
    misfire: trigger.misfire,
    overlap: trigger.overlap,
    jitterMs: trigger.jitterMs,
    broadcast: trigger.broadcast,
    nextAt: nextAt === undefined ? null : new Date(nextAt).toISOString(),
    running: running.map(({ slot, pod, manual }) => ({ scheduledAt: new Date(slot).toISOString(), pod, manual })),
    waiting,
    runs,
  };
}
