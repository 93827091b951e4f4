import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code, type FairTurns } from '@bottle/protos';
import { describeTimer, type TimerDescription } from './describe-timer.ts';
import type { RunningTimer } from './timer-host.ts';
import type { TimerHistory, TimerRun } from './timer-history.ts';

/** A run by hand that goes on; its end will be in the history. */
interface RunningNow extends Pick<TimerRun, 'scheduledAt' | 'pod' | 'manual' | 'invocationId'> {
  result: 'running';
}

/** A schedule and its name in the store. */
export interface KnownTimer {
  key: string;
  timer: RunningTimer;
}

/** The schedules of this pod, for operators. */
export class TimerAdmin {
  readonly pod: string;
  readonly #history: TimerHistory;
  readonly #known: () => KnownTimer[];
  readonly #turns: FairTurns;

  constructor(options: { pod: string; history: TimerHistory; turns: FairTurns; known(): KnownTimer[] }) {
    this.pod = options.pod;
    this.#history = options.history;
    this.#turns = options.turns;
    this.#known = options.known;
  }

  /** All schedules, with the last run of each. Throws UNAVAILABLE. */
  async describe(): Promise<TimerDescription[]> {
    return this.#turns.all(this.#known(), (known) => this.#describe(known, 1));
  }

  /** One schedule with its last runs. Throws NOT_FOUND. */
  async find(name: string): Promise<TimerDescription> {
    return this.#describe(this.#get(name), Number.POSITIVE_INFINITY);
  }

  /**
   * Fires a schedule in this pod. Resolves with the run when it is over, however it went, or after `waitMs` with what is
   * known by then. Throws NOT_FOUND, and ABORTED when a run is under way that may not overlap.
   */
  async fire(name: string, payload: Buffer | undefined, waitMs: number): Promise<TimerRun | RunningNow> {
    const { invocationId, slot, ended } = await this.#get(name).timer.fire(payload);
    const done = new AbortController();
    const later = delay(waitMs, undefined, { signal: done.signal }).catch(() => undefined);
    const run = await Promise.race([ended, later]);
    done.abort();
    if (run) return run;
    const scheduledAt = new Date(slot).toISOString();
    return { scheduledAt, result: 'running', pod: this.pod, manual: true, invocationId };
  }

  #get(name: string): KnownTimer {
    const known = this.#known();
    const found = known.find(({ timer }) => timer.plan.name === name);
    if (found) return found;
    const names = known.map(({ timer }) => timer.plan.name).join(', ');
    const there = names === '' ? 'there is none' : `there is ${names}`;
    throw new BottleError(Code.NOT_FOUND, 'no-timer', `there is no schedule "${name}" (${there})`);
  }

  async #describe({ key, timer }: KnownTimer, maxRuns: number): Promise<TimerDescription> {
    const [runs] = await Promise.all([this.#history.list(key), timer.refresh()]);
    return describeTimer(timer.plan, timer.status(), runs.slice(0, maxRuns));
  }
}
