// Schedules as a source of invocations: follows the function table, keeps this pod present among the others, and hands the
// clock around. What a schedule does is in once-timer.ts and broadcast-timer.ts.
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { SharedState } from '@bottle/capabilities';
import {
  BottleError,
  Code,
  FairTurns,
  type FunctionInfo,
  type FunctionTable__Output,
  type TimerTrigger__Output,
} from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import type { TriggerSource } from '../../layer.ts';
import { BroadcastTimer } from './broadcast-timer.ts';
import { OnceTimer } from './once-timer.ts';
import { PodPresence } from './pod-presence.ts';
import { createSchedule } from './schedule.ts';
import { SharedClock } from './shared-clock.ts';
import { TimerAdmin } from './timer-admin.ts';
import type { RunningTimer, TimerHost, TimerLog, TimerObserver } from './timer-host.ts';
import { TimerHistory } from './timer-history.ts';
import type { TimerPlan } from './timer-plan.ts';

const DRAIN_CHECK_MS = 20;
/** Until the store of the lock resource answers for the first time. */
const RETRY_MS = 500;
/** Schedules that begin in one turn: about two milliseconds of work. */
const PER_TURN = 8;
/** Beats in the time of a lease. */
const BEATS_PER_LEASE = 3;

export interface TimerSourceOptions {
  /** Of the lock resource. */
  state: SharedState;
  /** How long a pod counts as there after it last said so, in milliseconds. */
  leaseMs: number;
  carryEvent: CarryEvent;
  nextId(): string;
  observer: TimerObserver;
  log: TimerLog;
}

interface Entry {
  key: string;
  timer: RunningTimer;
  isReady: boolean;
  /** No function has it any more; it goes when its last run is over. */
  isGone: boolean;
}

export class TimerSource implements TriggerSource {
  /** For operators. */
  readonly admin: TimerAdmin;
  readonly #host: TimerHost;
  readonly #presence: PodPresence;
  readonly #end = new AbortController();
  /** By key and kind. */
  readonly #entries = new Map<string, Entry>();
  #table: FunctionTable__Output | undefined;
  #following: Promise<void> = Promise.resolve();
  #beating: NodeJS.Timeout | undefined;
  #isServing = false;
  #isDraining = false;
  #problem: string | undefined;
  #isHeard = true;

  constructor(options: TimerSourceOptions) {
    const { state, leaseMs, carryEvent, nextId, observer, log } = options;
    const pod = `${hostname()}-${nextId().slice(0, 8)}`;
    const clock = new SharedClock();
    const history = new TimerHistory(state);
    const turns = new FairTurns(PER_TURN);
    const { signal } = this.#end;
    this.#host = { pod, leaseMs, state, clock, history, carryEvent, nextId, observer, log, turns, signal };
    const known = (): Entry[] => this.#timers.filter(({ isGone }) => !isGone);
    this.admin = new TimerAdmin({ pod, history, turns, known });
    this.#presence = new PodPresence({ state, clock, pod, leaseMs, group: 'timer:pods' });
  }

  get inFlight(): number {
    return this.#timers.reduce((total, { timer }) => total + timer.inFlight, 0);
  }

  /** Why no schedule can work until somebody changes the configuration; undefined when they can, or there is none. */
  get problem(): string | undefined {
    return hasTimers(this.#table) ? this.#problem : undefined;
  }

  apply(table: FunctionTable__Output): void {
    this.#table = table;
    this.#following = this.#following
      .then(() => this.#follow())
      .catch((error: unknown) => this.#host.log.warn({ err: error }, 'schedules could not be brought up to date'));
  }

  setServing(isServing: boolean): void {
    this.#isServing = isServing;
    this.#openOrClose();
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#openOrClose();
    while (this.inFlight > 0 && !this.#end.signal.aborted) await delay(DRAIN_CHECK_MS);
  }

  async close(): Promise<void> {
    this.#end.abort(new BottleError(Code.UNAVAILABLE, 'shutdown', 'the pod has stopped'));
    clearTimeout(this.#beating);
    await Promise.all(this.#timers.map(({ timer }) => timer.close()));
    await this.#presence.leave().catch(() => {}); // then its lease ends by itself
  }

  get #timers(): Entry[] {
    return [...this.#entries.values()];
  }

  /** Starts, changes and ends schedules as the newest table has them. */
  async #follow(): Promise<void> {
    await this.#join();
    const table = this.#table;
    if (!table || this.#end.signal.aborted) return;
    const found = new Set<string>();
    for (const info of table.functions) {
      for (const trigger of info.timers) {
        await this.#host.turns.wait();
        const key = `${table.service}:${trigger.name}`;
        const id = `${key}:${trigger.broadcast ? 'broadcast' : 'once'}`;
        const plan = await this.#planOf(trigger, info, this.#entries.get(id)?.timer.plan);
        if (!plan) continue;
        found.add(id);
        const entry = this.#entries.get(id) ?? this.#start(id, key, plan);
        if (entry.timer.plan !== plan) entry.timer.setPlan(plan);
        entry.isReady = info.state === 'FUNCTION_STATE_READY';
        entry.isGone = false;
      }
    }
    for (const [id, entry] of this.#entries) if (!found.has(id)) entry.isGone = true;
    this.#openOrClose();
    if (found.size > 0 && this.#beating === undefined) await this.#beat();
  }

  /** Until the store has been heard of: without it nobody knows what other pods have fired. */
  async #join(): Promise<void> {
    const { clock, log } = this.#host;
    const { signal } = this.#end;
    for (let isFirst = true; hasTimers(this.#table) && !clock.isSet && !signal.aborted; isFirst = false) {
      try {
        await this.#presence.beat();
        this.#problem = undefined;
        log.info({ pod: this.#host.pod }, 'timers know the other pods');
      } catch (error) {
        const { reason, message } = BottleError.from(error);
        this.#problem = reason === 'no-resource' ? `the schedules of this pod share nothing: ${message}` : undefined;
        if (isFirst) log.warn({ reason, detail: message }, 'timers wait for their lock resource');
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** The plan before where nothing has changed. */
  async #planOf(
    trigger: TimerTrigger__Output,
    { name, idempotent }: FunctionInfo,
    before: TimerPlan | undefined,
  ): Promise<TimerPlan | undefined> {
    const isSame = before?.function === name && before.idempotent === idempotent;
    if (isSame && JSON.stringify(before.trigger) === JSON.stringify(trigger)) return before;
    try {
      return { name: trigger.name, function: name, idempotent, trigger, schedule: await createSchedule(trigger) };
    } catch (error) {
      this.#host.log.warn({ schedule: trigger.name, err: error }, 'schedule cannot be understood');
      return undefined;
    }
  }

  #start(id: string, key: string, plan: TimerPlan): Entry {
    const timer = plan.trigger.broadcast
      ? new BroadcastTimer(this.#host, plan, { key })
      : new OnceTimer(this.#host, plan, { key, presence: this.#presence });
    const entry = { key, timer, isReady: false, isGone: false };
    this.#entries.set(id, entry);
    return entry;
  }

  #openOrClose(): void {
    const isOpen = this.#isServing && !this.#isDraining && !this.#end.signal.aborted;
    for (const { timer, isReady, isGone } of this.#timers) timer.setOpen(isOpen && isReady && !isGone);
  }

  /** Says that this pod is there, and looks at what other pods have left behind. Again and again, until the end. */
  async #beat(): Promise<void> {
    const { leaseMs, log } = this.#host;
    for (const [id, { timer, isGone }] of this.#entries) {
      if (!isGone || !timer.isSettled) continue;
      this.#entries.delete(id);
      await timer.close();
    }
    const timers = this.#timers.map(({ timer }) => timer);
    // The records first: whoever claimed before that was present before that.
    const { turns } = this.#host;
    const revisions = await turns.all(timers, (timer) => timer.refresh()).catch(() => undefined);
    try {
      const present = await this.#presence.beat();
      await turns.all(timers, (timer, at) => timer.beat({ present, revision: revisions?.[at] ?? -1 }));
      if (!this.#isHeard) log.info({}, 'timers hear of the other pods again');
      this.#isHeard = true;
    } catch (error) {
      if (this.#isHeard) log.warn({ err: error }, 'timers do not hear of the other pods');
      this.#isHeard = false;
    }
    if (!this.#end.signal.aborted) this.#beating = setTimeout(() => void this.#beat(), leaseMs / BEATS_PER_LEASE);
  }
}

function hasTimers(table: FunctionTable__Output | undefined): boolean {
  return table?.functions.some(({ timers }) => timers.length > 0) ?? false;
}
