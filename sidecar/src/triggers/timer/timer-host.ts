import type { SharedState } from '@bottle/capabilities';
import type { FairTurns } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import type { SharedClock } from './shared-clock.ts';
import type { TimerHistory, TimerRun } from './timer-history.ts';
import type { TimerPlan } from './timer-plan.ts';

/** For metrics. */
export interface TimerObserver {
  /** One run is over. */
  ran(schedule: string, result: TimerRun['result']): void;
  /** A tick is about to be sent; how late that is. */
  late(seconds: number): void;
  /** Slots that will not run in their time: nobody was there, or another run was under way. */
  passed(schedule: string, why: 'missed' | 'skipped', slots: number): void;
}

export interface TimerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a schedule has of its pod. */
export interface TimerHost {
  /** The pod's name among all pods: unique for each start. */
  pod: string;
  /** How long a pod counts as there after it last said so. */
  leaseMs: number;
  state: SharedState;
  clock: SharedClock;
  history: TimerHistory;
  carryEvent: CarryEvent;
  nextId(): string;
  observer: TimerObserver;
  log: TimerLog;
  /** Of all schedules of the pod. */
  turns: FairTurns;
  /** Aborts when the pod ends. */
  signal: AbortSignal;
}

/** Who is there. */
export interface PresenceNews {
  present: readonly string[];
  /** Of the record that was read before: who had claimed in that, and is not there, is gone. */
  revision: number;
}

/** A schedule at work in this pod. */
export interface RunningTimer {
  readonly plan: TimerPlan;
  /** Ticks under way in this pod, until they are recorded. */
  readonly inFlight: number;
  /** Nothing of it is left in this pod. */
  readonly isSettled: boolean;
  /** The same schedule, changed. */
  setPlan(plan: TimerPlan): void;
  /** Whether this pod may start ticks. */
  setOpen(isOpen: boolean): void;
  /** Asks what the store knows; resolves with the revision of that. */
  refresh(): Promise<number>;
  /** Regularly. */
  beat(news: PresenceNews): Promise<void>;
  /** One run now, in this pod; resolves when it has begun. Throws ABORTED when one is under way that may not overlap. */
  fire(payload: Buffer | undefined): Promise<Firing>;
  status(): TimerStatus;
  close(): Promise<void>;
}

/** A run that was started by hand. */
export interface Firing {
  invocationId: string;
  /** Milliseconds since 1970. */
  slot: number;
  /** However it went. */
  ended: Promise<TimerRun>;
}

/** How a schedule stands. */
export interface TimerStatus {
  /** Milliseconds since 1970; undefined when there is none. */
  nextAt: number | undefined;
  running: { slot: number; pod: string; manual: boolean }[];
  waiting: number;
}
