import type { Schedule } from './schedule.ts';
import { GRACE_MS, MAX_WAITING, SLOW_GRACE_MS } from './timer-plan.ts';

/** Slots that are due, oldest first. */
export interface DueSlots {
  missed: number[];
  onTime: number[];
  /** How many were missed before those. */
  older: number;
}

/**
 * The slots after a time that are due by now, their jitter included; of those that were missed the newest ones.
 * @param openSince when this pod began to take ticks; Infinity: it does not
 */
export function dueSlots(schedule: Schedule, afterMs: number, now: number, openSince: number): DueSlots {
  const { newest, total } = schedule.between(afterMs, now, MAX_WAITING);
  const later = newest.findIndex((slot) => schedule.dueAt(slot) > now);
  // A jitter as long as many slots is refused in serverless.yml; whoever announces one is served without.
  const isStuck = later === 0 && total > newest.length;
  const due = later === -1 || isStuck ? newest : newest.slice(0, later);
  const isOnTime = (slot: number): boolean => {
    const dueAt = schedule.dueAt(slot);
    return dueAt >= now - GRACE_MS || (dueAt >= openSince && dueAt >= now - SLOW_GRACE_MS);
  };
  const firstOnTime = due.findIndex(isOnTime);
  const missed = firstOnTime === -1 ? due : due.slice(0, firstOnTime);
  return { missed, onTime: due.slice(missed.length), older: total - newest.length };
}
