// A schedule whose ticks every pod gets, each with its share.
//  1. Who shares a tick is written once, by whoever comes first, and holds for all: no two pods have the same share.
//  2. A pod that is not on the list has no share; it came too late for this tick. A share whose pod goes away or sleeps is
//     not given to another.
import { setTimeout as delay } from 'node:timers/promises';
import { Alarm } from './alarm.ts';
import { dueSlots } from './due-slots.ts';
import { PodPresence } from './pod-presence.ts';
import { RecordCell } from './record-cell.ts';
import { notOpen, runByHand, runTick, type TickOrder } from './run-tick.ts';
import type { Firing, RunningTimer, TimerHost, TimerStatus } from './timer-host.ts';
import { MAX_RUNNING, MAX_WAITING, type TimerPlan } from './timer-plan.ts';
import type { ShareRecord } from './timer-record.ts';

/** Before a tick that could not be started is tried again. */
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
/** Lists that are kept, for pods that are a moment late. */
const MAX_TICKS = 16;

export class BroadcastTimer implements RunningTimer {
  readonly #host: TimerHost;
  readonly #key: string;
  readonly #cell: RecordCell<ShareRecord>;
  /** Pods that take a share: those whose function is ready. */
  readonly #takers: PodPresence;
  readonly #alarm = new Alarm(() => void this.#evaluate());
  readonly #waiting: TickOrder[] = [];
  #running: TickOrder[] = [];
  #plan: TimerPlan;
  #isOpen = false;
  #openSince = Number.POSITIVE_INFINITY;
  #isEvaluating = false;
  #upTo: number;

  constructor(host: TimerHost, plan: TimerPlan, { key }: { key: string }) {
    const { state, clock, pod, leaseMs } = host;
    this.#host = host;
    this.#plan = plan;
    this.#key = key;
    this.#cell = new RecordCell(state, `timer:${key}:shares`);
    this.#takers = new PodPresence({ state, clock, pod, leaseMs, group: `timer:${key}:takers` });
    this.#upTo = Math.floor(clock.now());
  }

  get plan(): TimerPlan {
    return this.#plan;
  }

  get inFlight(): number {
    return this.#running.length + this.#waiting.length;
  }

  get isSettled(): boolean {
    return this.inFlight === 0;
  }

  setPlan(plan: TimerPlan): void {
    this.#plan = plan;
    void this.#evaluate();
  }

  setOpen(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    this.#openSince = Math.floor(this.#host.clock.now());
    this.#upTo = this.#openSince; // what came while it was closed was no tick of this pod
    if (isOpen) void this.#join();
    else void this.#leave();
  }

  async refresh(): Promise<number> {
    return this.#cell.revision;
  }

  async beat(): Promise<void> {
    if (this.#isOpen) await this.#takers.beat();
  }

  async fire(payload: Buffer | undefined): Promise<Firing> {
    const { clock, nextId } = this.#host;
    if (!this.#isOpen) throw notOpen(this.#plan.name);
    const [id, slot] = [nextId(), Math.floor(clock.now())];
    const order: TickOrder = { plan: this.#plan, key: this.#key, id, slot, tries: 0, manual: true, payload };
    this.#running.push(order);
    const ended = runByHand(this.#host, order).finally(() => this.#leaveRunning(order));
    return { invocationId: id, slot, ended };
  }

  status(): TimerStatus {
    const { pod } = this.#host;
    const slot = this.#nextSlot();
    return {
      nextAt: slot === undefined ? undefined : this.#plan.schedule.dueAt(slot),
      running: this.#running.map(({ slot: started, manual }) => ({ slot: started, pod, manual })),
      waiting: this.#waiting.length,
    };
  }

  async close(): Promise<void> {
    this.#alarm.clear();
    this.#waiting.length = 0;
    if (this.#isOpen) await this.#leave();
    this.#isOpen = false;
  }

  /** Takes this pod's share of what is due. Never rejects. */
  async #evaluate(): Promise<void> {
    const { clock, log, observer, turns } = this.#host;
    if (!this.#isOpen || this.#isEvaluating || this.#plan.trigger.disabled) return;
    this.#isEvaluating = true;
    await turns.wait();
    const { name, schedule } = this.#plan;
    const { missed, onTime, older } = dueSlots(schedule, this.#upTo, clock.now(), this.#openSince);
    const count = missed.length + older;
    this.#upTo = onTime.at(-1) ?? missed.at(-1) ?? this.#upTo;
    if (count > 0) {
      observer.passed(name, 'missed', count);
      log.warn({ schedule: name, missed: count }, 'this pod was too late for its share of ticks');
    }
    for (const slot of onTime) {
      try {
        if (!this.#takers.isCertain) await this.#takers.beat();
        this.#add(slot, await this.#sharers(slot));
      } catch (error) {
        observer.passed(name, 'missed', 1);
        log.warn({ schedule: name, err: error }, 'this pod cannot tell its share of a tick');
      }
    }
    this.#isEvaluating = false;
    const next = this.#nextSlot();
    if (this.#isOpen && next !== undefined) this.#alarm.set(schedule.dueAt(next) - clock.now());
  }

  /** 1. Undefined: the tick is too long ago. */
  async #sharers(slot: number): Promise<readonly string[] | undefined> {
    const { rule } = this.#plan.schedule;
    let sharers: readonly string[] | undefined;
    await this.#cell.update((record) => {
      const ticks = record?.rule === rule ? record.ticks : [];
      sharers = ticks.find((tick) => tick.slot === slot)?.pods;
      if (sharers || slot < (ticks.at(-1)?.slot ?? 0)) return undefined;
      const pods = [...new Set([...this.#takers.members, this.#host.pod])].toSorted();
      sharers = pods;
      return { rule, ticks: [...ticks, { slot, pods }].slice(-MAX_TICKS) };
    });
    return sharers;
  }

  #add(slot: number, sharers: readonly string[] | undefined): void {
    const { observer, nextId, pod } = this.#host;
    const { name, trigger } = this.#plan;
    const index = sharers?.indexOf(pod) ?? -1;
    if (!sharers || index === -1) return observer.passed(name, 'missed', 1);
    const isBusy = this.inFlight > 0;
    if (trigger.overlap === 'skip' ? isBusy : this.#waiting.length >= MAX_WAITING)
      return observer.passed(name, 'skipped', 1);
    const shard = { index, count: sharers.length };
    this.#waiting.push({ plan: this.#plan, key: this.#key, id: nextId(), slot, tries: 0, manual: false, shard });
    this.#startNext();
  }

  #startNext(): void {
    const maxRunning = this.#plan.trigger.overlap === 'allow' ? MAX_RUNNING : 1;
    while (this.#running.length < maxRunning) {
      const order = this.#waiting.shift();
      if (!order) return;
      this.#running.push(order);
      void this.#run(order);
    }
  }

  /** A share that could not be started is tried again by this pod: no other has it. */
  async #run(order: TickOrder): Promise<void> {
    const end = await runTick(this.#host, order);
    if (end.kind === 'again' && this.#isOpen) {
      await delay(Math.min(MIN_BACKOFF_MS * 2 ** order.tries, MAX_BACKOFF_MS), undefined, { ref: false });
      return this.#run({ ...order, tries: order.tries + 1 });
    }
    this.#leaveRunning(order);
    this.#startNext();
  }

  #leaveRunning(order: TickOrder): void {
    this.#running = this.#running.filter(({ id }) => id !== order.id);
  }

  #nextSlot(): number | undefined {
    return this.#plan.trigger.disabled ? undefined : this.#plan.schedule.after(this.#upTo);
  }

  async #join(): Promise<void> {
    await this.#takers.beat().catch(() => {}); // then the first tick asks again
    await this.#evaluate();
  }

  async #leave(): Promise<void> {
    this.#alarm.clear();
    const { log } = this.#host;
    await this.#takers.leave().catch((error: unknown) => log.debug({ err: error }, 'its lease ends by itself'));
  }
}
