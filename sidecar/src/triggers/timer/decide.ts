// What a pod makes of a schedule's record at a moment: pure, so that every case can be tried.
//  1. A slot enters `waiting` at most once: `upTo` moves past it in the same write.
//  2. A run that was started leaves `runs` only for good, unless the function is idempotent or the pod knows that it never
//     began; one that was not started may be claimed anew.
import { dueSlots } from './due-slots.ts';
import { GRACE_MS, MAX_RUNNING, MAX_TRIES, MAX_WAITING, type TimerPlan } from './timer-plan.ts';
import type { ClaimedRun, TimerRecord, WaitingTick } from './timer-record.ts';

/** A record that is this far ahead was written by a clock that was wrong. */
const MAX_AHEAD_MS = 24 * 3_600_000;

/** How a run that this pod claimed stands. */
export type OwnRun = 'active' | 'over' | 'undispatched';

export interface Situation {
  record: TimerRecord | undefined;
  /** Whole milliseconds since 1970. */
  now: number;
  /** When this pod learnt of the schedule: older slots are nobody's before there is a record. */
  since: number;
  pod: string;
  /** Who was there after the record was read; undefined: not known, so nobody is taken for gone. */
  present: readonly string[] | undefined;
  /** Runs of this pod by their id. */
  own: ReadonlyMap<string, OwnRun>;
  /** This pod may claim. */
  mayClaim: boolean;
  /** Since when it takes ticks. */
  openSince: number;
  nextId(): string;
}

export interface Decision {
  /** Undefined: nothing is to be written. */
  record: TimerRecord | undefined;
  claimed: ClaimedRun[];
  /** Runs whose pod is gone, and that nobody may repeat. */
  lost: ClaimedRun[];
  /** Runs that go to another pod because theirs is gone. */
  takenOver: ClaimedRun[];
  /** How many slots no pod was there for. */
  missed: number;
  /** How many of them, or of those that wait, will not run. */
  dropped: number;
  /** How many slots came while another ran. */
  skipped: number;
}

export function decide(plan: TimerPlan, situation: Situation): Decision {
  const { record: known, mayClaim } = situation;
  const record = adopt(plan, situation);
  const decision: Decision = { record, claimed: [], lost: [], takenOver: [], missed: 0, dropped: 0, skipped: 0 };
  settleOwn(plan, record, situation);
  if (mayClaim) {
    takeOver(plan, record, situation, decision);
    addDue(plan, record, situation, decision);
    claim(plan, record, situation, decision);
  }
  if (known && JSON.stringify(known) === JSON.stringify(record)) decision.record = undefined;
  return decision;
}

/** When there will be something to decide again; undefined: when a run has ended. */
export function nextDue({ schedule, trigger }: TimerPlan, record: TimerRecord): number | undefined {
  if (trigger.disabled) return undefined;
  if (schedule.followsRuns && record.runs.length + record.waiting.length > 0) return undefined;
  const slot = schedule.after(record.upTo);
  return slot === undefined ? undefined : schedule.dueAt(slot);
}

/** The record as this pod's rule continues it. A rule that is new has no past. */
function adopt({ schedule }: TimerPlan, { record, now, since }: Situation): TimerRecord {
  const { rule, followsRuns } = schedule;
  if (!record) return { rule, upTo: since, waiting: [], runs: [] };
  const { waiting, runs } = record;
  const copy = { rule, upTo: record.upTo, waiting: [...waiting], runs: [...runs] };
  if (record.upTo > now + MAX_AHEAD_MS) copy.upTo = now;
  else if (record.rule !== rule && !followsRuns) copy.upTo = Math.max(record.upTo, since, now - GRACE_MS);
  return copy;
}

/**
 * Runs of this pod that are over go; those that never began wait again. One that it does not know of was claimed by a
 * write whose answer was lost: nothing was started on its behalf.
 */
function settleOwn({ schedule }: TimerPlan, record: TimerRecord, { pod, own, now }: Situation): void {
  const again: WaitingTick[] = [];
  record.runs = record.runs.filter((run) => {
    const state = own.get(run.id) ?? (run.started ? 'over' : 'undispatched');
    if (run.pod !== pod || state === 'active') return true;
    if (state === 'undispatched' && !run.manual) again.push(retried(run));
    else if (schedule.followsRuns) record.upTo = Math.max(record.upTo, now);
    return false;
  });
  record.waiting.unshift(...again);
}

/** Runs of pods that are gone. */
function takeOver(plan: TimerPlan, record: TimerRecord, { pod, present, now }: Situation, decision: Decision): void {
  if (!present) return;
  const again: WaitingTick[] = [];
  record.runs = record.runs.filter((run) => {
    if (run.pod === pod || present.includes(run.pod)) return true;
    const mayRepeat = !run.manual && run.tries < MAX_TRIES && (!run.started || plan.idempotent);
    if (mayRepeat) again.push(retried(run));
    else if (plan.schedule.followsRuns) record.upTo = Math.max(record.upTo, now);
    (mayRepeat ? decision.takenOver : decision.lost).push(run);
    return false;
  });
  record.waiting.unshift(...again);
}

function retried({ slot, tries }: ClaimedRun): WaitingTick {
  return { slot, tries: tries + 1 };
}

/** Slots that are due: the policies say what becomes of them. */
function addDue({ schedule, trigger }: TimerPlan, record: TimerRecord, situation: Situation, decision: Decision): void {
  const { now, openSince } = situation;
  const isBusy = record.runs.length + record.waiting.length > 0;
  if (trigger.disabled || (schedule.followsRuns && isBusy)) return;
  const { missed, onTime, older } = dueSlots(schedule, record.upTo, now, openSince);
  const last = onTime.at(-1) ?? missed.at(-1);
  if (last === undefined) return;
  record.upTo = last;
  decision.missed = missed.length + older;
  const kept = trigger.misfire === 'all' ? missed : trigger.misfire === 'once' ? missed.slice(-1) : [];
  const fitting = kept.slice(0, Math.max(0, MAX_WAITING - record.waiting.length));
  decision.dropped = decision.missed - fitting.length;
  record.waiting.push(...fitting.map(newTick));
  // Skipped: the next one is an interval away.
  if (schedule.followsRuns && record.waiting.length + onTime.length === 0) record.upTo = now;
  for (const slot of onTime) {
    const hasRoom = record.waiting.length < MAX_WAITING;
    if ((trigger.overlap === 'skip' && isBusy) || !hasRoom) decision.skipped += 1;
    else record.waiting.push(newTick(slot));
  }
}

function newTick(slot: number): WaitingTick {
  return { slot, tries: 0 };
}

function claim({ trigger }: TimerPlan, record: TimerRecord, { pod, nextId }: Situation, decision: Decision): void {
  const maxRunning = trigger.overlap === 'allow' ? MAX_RUNNING : 1;
  while (record.runs.length < maxRunning) {
    const tick = record.waiting.shift();
    if (!tick) return;
    const run = { ...tick, id: nextId(), pod, started: false, manual: false };
    record.runs.push(run);
    decision.claimed.push(run);
  }
}
