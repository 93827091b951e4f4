import type { TimerTrigger__Output } from '@bottle/protos';
import type { Schedule } from './schedule.ts';

/** A schedule and what it starts. */
export interface TimerPlan {
  name: string;
  function: string;
  /** The function may be run twice for one tick. */
  idempotent: boolean;
  trigger: TimerTrigger__Output;
  schedule: Schedule;
}

/** A tick that no pod took within this time after it was due is a missed one, in milliseconds. */
export const GRACE_MS = 1_000;

/** The same for a pod that was there when it was due, and only slow: it, or the store of the lock resource. */
export const SLOW_GRACE_MS = 10_000;

/** Most ticks that wait: those that were missed, and those that came while another ran. */
export const MAX_WAITING = 100;

/** Most runs of one schedule under way at a time, with `overlap: allow`. */
export const MAX_RUNNING = 100;

/** How often a tick is claimed at most by pods that then cannot start it. */
export const MAX_TRIES = 5;
