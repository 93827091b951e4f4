// A schedule that fires once for all pods. Each pod knows when a tick is due; whoever first writes its claim to the
// record has it.
//  1. A claim is written under the revision that it was decided on: of all pods one comes through.
//  2. A tick is sent only after its claim was marked as started, again under the revision: a pod that was paused, and
//     whose claim was taken over meanwhile, cannot.
//  3. Only a pod whose presence is certain claims, so nobody takes its claim for one of a pod that is gone.
import { BottleError, Code } from '@bottle/protos';
import { Alarm } from './alarm.ts';
import { type Decision, decide, nextDue, type OwnRun } from './decide.ts';
import type { PodPresence } from './pod-presence.ts';
import { RecordCell } from './record-cell.ts';
import { reportDecision } from './report-decision.ts';
import { notOpen, runByHand, runTick, takenOver, type TickOrder } from './run-tick.ts';
import type { TimerRun } from './timer-history.ts';
import type { Firing, PresenceNews, RunningTimer, TimerHost, TimerStatus } from './timer-host.ts';
import type { TimerPlan } from './timer-plan.ts';
import type { ClaimedRun, TimerRecord } from './timer-record.ts';

/** Pause after a failure, doubled up to the maximum. */
const MIN_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

export class OnceTimer implements RunningTimer {
  readonly #host: TimerHost;
  readonly #presence: PodPresence;
  readonly #key: string;
  readonly #cell: RecordCell<TimerRecord>;
  readonly #alarm = new Alarm(() => void this.#evaluate());
  readonly #own = new Map<string, OwnRun>();
  readonly #since: number;
  #plan: TimerPlan;
  #isOpen = false;
  #openSince = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** The one under way; it goes on for as long as it is asked again. */
  #evaluation: Promise<void> | undefined;
  #isAskedAgain = false;
  #failures = 0;
  /** On the monotonic clock: other pods first. */
  #holdUntil = 0;
  #news: PresenceNews | undefined;

  constructor(host: TimerHost, plan: TimerPlan, options: { key: string; presence: PodPresence }) {
    this.#host = host;
    this.#plan = plan;
    this.#key = options.key;
    this.#presence = options.presence;
    this.#cell = new RecordCell(host.state, `timer:${options.key}`);
    this.#since = Math.floor(host.clock.now());
    void this.#evaluate();
  }

  get plan(): TimerPlan {
    return this.#plan;
  }

  get inFlight(): number {
    const states = [...this.#own.values()];
    // A store that does not answer is not waited for: other pods see by the lease that this one is gone.
    return this.#failures === 0 ? states.length : states.filter((state) => state === 'active').length;
  }

  get isSettled(): boolean {
    return this.#own.size === 0;
  }

  setPlan(plan: TimerPlan): void {
    this.#plan = plan;
    void this.#evaluate();
  }

  setOpen(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#openSince = isOpen ? this.#host.clock.now() : Number.POSITIVE_INFINITY;
    void this.#evaluate();
  }

  async refresh(): Promise<number> {
    await this.#cell.refresh();
    return this.#cell.revision;
  }

  async beat(news: PresenceNews): Promise<void> {
    this.#news = news;
    await this.#evaluate();
  }

  async fire(payload: Buffer | undefined): Promise<Firing> {
    const { clock, nextId, pod } = this.#host;
    if (!this.#isOpen) throw notOpen(this.#plan.name);
    const id = nextId();
    const slot = Math.floor(clock.now());
    await this.#cell.refresh();
    const run: ClaimedRun = { slot, tries: 0, id, pod, started: true, manual: true };
    this.#own.set(id, 'active');
    try {
      await this.#cell.update((record) => {
        const runs = record?.runs ?? [];
        if (this.#plan.trigger.overlap !== 'allow' && runs.length > 0) throw busy(this.#plan.name, runs);
        const { rule } = this.#plan.schedule;
        return { ...(record ?? { rule, upTo: this.#since, waiting: [] }), runs: [...runs, run] };
      });
    } catch (error) {
      this.#own.delete(id);
      throw error;
    }
    const order = { plan: this.#plan, key: this.#key, id, slot, tries: 0, manual: true, payload };
    return { invocationId: id, slot, ended: this.#runByHand(order) };
  }

  /** Whoever is told that it is over may fire again, by another pod: so it is out of the record by then. */
  async #runByHand(order: TickOrder): Promise<TimerRun> {
    try {
      return await runByHand(this.#host, order);
    } finally {
      await this.#settle(order.id, 'over');
    }
  }

  status(): TimerStatus {
    const { runs = [], waiting = [] } = this.#cell.value ?? {};
    return {
      nextAt: this.#cell.value && nextDue(this.#plan, this.#cell.value),
      running: runs.map(({ slot, pod, manual }) => ({ slot, pod, manual })),
      waiting: waiting.length,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm.clear();
  }

  /** Brings the record up to date, and starts what this pod claims. Never rejects. */
  async #evaluate(): Promise<void> {
    if (this.#isClosed || !this.#host.clock.isSet) return;
    if (this.#evaluation) this.#isAskedAgain = true;
    this.#evaluation ??= this.#evaluateOnce();
    await this.#evaluation;
  }

  async #evaluateOnce(): Promise<void> {
    try {
      await this.#host.turns.wait();
      if (this.#isOpen && !this.#presence.isCertain) await this.#presence.beat(); // 3
      this.#carryOut(await this.#decide());
      if (this.#failures > 0) this.#host.log.info({ schedule: this.#plan.name }, 'timer works again');
      this.#failures = 0;
    } catch (error) {
      if (this.#failures === 0)
        this.#host.log.warn({ schedule: this.#plan.name, err: error }, 'timer cannot tell what is due');
      this.#failures += 1;
    }
    if (this.#isAskedAgain && !this.#isClosed) {
      this.#isAskedAgain = false;
      await this.#evaluateOnce();
    } else {
      this.#evaluation = undefined;
      this.#setAlarm();
    }
  }

  /** What was decided and written; undefined when nothing was. */
  async #decide(): Promise<Decision | undefined> {
    const { clock, nextId, pod } = this.#host;
    const news = this.#news;
    this.#news = undefined;
    let decision: Decision | undefined;
    const forget = (): void => decision?.claimed.forEach(({ id }) => this.#own.delete(id));
    try {
      const isWritten = await this.#cell.update((record, revision) => {
        forget();
        decision = decide(this.#plan, {
          record,
          now: Math.floor(clock.now()),
          since: this.#since,
          pod,
          present: news?.revision === revision ? news.present : undefined,
          own: this.#own,
          openSince: this.#openSince,
          mayClaim: this.#isOpen && this.#presence.isCertain && clock.elapsedMs >= this.#holdUntil,
          nextId,
        });
        for (const { id } of decision.claimed) this.#own.set(id, 'active');
        return decision.record;
      });
      const isThere = new Set(this.#cell.value?.runs.map(({ id }) => id));
      for (const [id, state] of this.#own) if (state !== 'active' && !isThere.has(id)) this.#own.delete(id);
      return isWritten ? decision : undefined;
    } catch (error) {
      forget(); // if it was written all the same, it comes back as one that never began
      throw error;
    }
  }

  #carryOut(decision: Decision | undefined): void {
    if (!decision) return;
    reportDecision(this.#host, this.#plan, this.#key, decision);
    for (const run of decision.claimed) void this.#run(run);
  }

  async #run({ id, slot, tries }: ClaimedRun): Promise<void> {
    const beforeDispatch = (): Promise<void> => this.#markStarted(id);
    const order = { plan: this.#plan, key: this.#key, id, slot, tries, manual: false, beforeDispatch };
    const end = await runTick(this.#host, order);
    if (end.kind === 'again') {
      const pauseMs = Math.min(MIN_BACKOFF_MS * 2 ** tries, MAX_BACKOFF_MS);
      this.#holdUntil = this.#host.clock.elapsedMs + pauseMs;
    }
    void this.#settle(id, end.kind === 'again' ? 'undispatched' : 'over');
  }

  /** 2 */
  async #markStarted(id: string): Promise<void> {
    let isMine = false;
    await this.#cell.update((record) => {
      const run = record?.runs.find((each) => each.id === id);
      isMine = run !== undefined;
      if (!record || !run || run.started) return undefined;
      return { ...record, runs: record.runs.map((each) => (each.id === id ? { ...each, started: true } : each)) };
    });
    if (!isMine) throw takenOver();
  }

  /** The next write takes it out of the record; resolves when it has been made, or cannot be for now. */
  #settle(id: string, state: OwnRun): Promise<void> {
    this.#own.set(id, state);
    return this.#evaluate();
  }

  #setAlarm(): void {
    const { clock } = this.#host;
    if (this.#isClosed) return;
    if (this.#failures > 0)
      return this.#alarm.set(Math.min(MIN_BACKOFF_MS * 2 ** (this.#failures - 1), MAX_BACKOFF_MS));
    const record = this.#cell.value;
    if (!this.#isOpen || !record) return this.#alarm.clear();
    const heldMs = this.#holdUntil - clock.elapsedMs;
    const due = nextDue(this.#plan, record);
    if (heldMs > 0) this.#alarm.set(heldMs);
    else if (due === undefined) this.#alarm.clear();
    else this.#alarm.set(due - clock.now());
  }
}

function busy(name: string, runs: readonly ClaimedRun[]): BottleError {
  const [run] = runs;
  const message = `a run of "${name}" is under way in pod ${run?.pod}, since ${new Date(run?.slot ?? 0).toISOString()}, and its overlap policy allows no other`;
  return new BottleError(Code.ABORTED, 'timer-busy', message);
}
