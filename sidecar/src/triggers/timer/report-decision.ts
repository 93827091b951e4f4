import type { Decision } from './decide.ts';
import type { TimerHost } from './timer-host.ts';
import type { TimerRun } from './timer-history.ts';
import type { TimerPlan } from './timer-plan.ts';

/** Counts and logs what a decision means besides the runs that it starts, and notes lost runs in the history. */
export function reportDecision(host: TimerHost, { name, trigger }: TimerPlan, key: string, decision: Decision): void {
  const { history, log, observer } = host;
  const { lost, takenOver, missed, dropped, skipped } = decision;
  if (missed > 0) {
    const fields = { schedule: name, missed, dropped, misfire: trigger.misfire };
    observer.passed(name, 'missed', missed);
    log.warn(fields, 'no pod was there for ticks of a schedule');
  }
  if (skipped > 0) {
    observer.passed(name, 'skipped', skipped);
    log.debug({ schedule: name, skipped }, 'tick skipped: the run before is still under way');
  }
  for (const { slot, pod } of takenOver)
    log.info({ schedule: name, scheduledAt: isoOf(slot), from: pod }, 'tick of a pod that is gone taken over');
  for (const { id, slot, pod, manual } of lost) {
    const scheduledAt = isoOf(slot);
    const run: TimerRun = {
      scheduledAt,
      startedAt: null,
      durationMs: 0,
      result: 'lost',
      pod,
      manual,
      invocationId: id,
    };
    observer.ran(name, 'lost');
    log.warn({ schedule: name, scheduledAt, pod, invocationId: id }, 'timer run lost: its pod is gone');
    history.add(key, run).catch((error: unknown) => log.warn({ err: error }, 'timer run not recorded'));
  }
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
