// Takes messages to the function: one of each key at a time, at most `concurrency` invocations.
//  1. A message is in one place: queued, running (at the function, or on its way to the dead-letter topic), or resting
//     until its next try. It holds its lane until it is finished, so nothing of its key overtakes it.
//  2. It is finished when the function is done with it, when the function dropped it, or when the dead-letter topic has
//     acknowledged it; never otherwise.
//  3. Errors that are not its fault do not count as tries. A message with which the function process died more than once
//     runs alone, so that it is known whose fault that is; then it counts.
import { backoffMs } from './backoff.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Delivery, Entry } from './delivery.ts';
import type { Outcome } from './outcome.ts';
import { labelsOf, type MqLabels, type MqObserver, type MqPlan, type MqResult } from './plan.ts';
import { WorkQueue } from './work-queue.ts';

/** A pause for what is nobody's fault. */
const EXCUSED_REST_MS = 200;
const MAX_CRASHES = 2;
/** A larger message travels alone. */
const MAX_BATCH_BYTES = 1024 * 1024;

export interface DispatcherOptions {
  plan: MqPlan;
  deadLetters: DeadLetters;
  observer: MqObserver;
  /** It is over with this message. */
  onFinished(entry: Entry): void;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queue = new WorkQueue();
  readonly #resting = new Map<Delivery, NodeJS.Timeout>();
  readonly #suspects: Delivery[] = [];
  readonly #labels: MqLabels;
  readonly #closing = new AbortController();
  #plan: MqPlan;
  #running = 0;
  #isAlone = false;
  #isOpen = false;
  #batchTimer: NodeJS.Timeout | undefined;
  /** When the first one that waits for a batch to fill came. */
  #fillingSince: number | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#labels = labelsOf(options.plan);
  }

  /** Invocations under way. */
  get running(): number {
    return this.#running;
  }

  /** Whether messages are taken to the function; those under way go on either way. */
  set isOpen(isOpen: boolean) {
    this.#isOpen = isOpen;
    this.dispatch();
  }

  /** Takes over what may change while it runs. */
  set plan(plan: MqPlan) {
    this.#plan = plan;
    this.dispatch();
  }

  /** Queues a message; `dispatch` starts it. */
  add(delivery: Delivery): void {
    this.#queue.add(delivery);
  }

  /** Lets go of what waits for its next try. Call it when windows were closed. */
  sweep(): void {
    for (const [delivery, timer] of this.#resting) {
      if (!delivery.entry.window.isClosed) continue;
      clearTimeout(timer);
      this.#resting.delete(delivery);
      this.#queue.release(delivery);
    }
  }

  /** Starts what may run now. */
  dispatch(): void {
    while (this.#isOpen && this.#running < this.#plan.concurrency && !this.#isAlone) {
      if (this.#suspects.length > 0) {
        if (this.#running === 0) this.#runSuspect();
        return; // (3)
      }
      if (!this.#isBatchDue()) return;
      const batch = this.#gather();
      if (batch.length > 0) void this.#run(batch);
      else if (this.#suspects.length === 0) return;
    }
  }

  /** Cancels what runs. */
  close(): void {
    this.#isOpen = false;
    this.#closing.abort();
    clearTimeout(this.#batchTimer);
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  /** A batch starts when it is full, when it was waited for long enough, or when waiting would add nothing. */
  #isBatchDue(): boolean {
    const { batch, batchWaitMs } = this.#plan;
    const { ready, blocked } = this.#queue;
    if (ready === 0) return false;
    if (ready >= batch || blocked > 0) return true;
    const now = performance.now();
    this.#fillingSince ??= now;
    const leftMs = this.#fillingSince + batchWaitMs - now;
    if (leftMs <= 0) return true;
    this.#batchTimer ??= setTimeout(() => {
      this.#batchTimer = undefined;
      this.dispatch();
    }, leftMs);
    return false;
  }

  #gather(): Delivery[] {
    this.#fillingSince = undefined;
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    const batch: Delivery[] = [];
    let bytes = 0;
    while (batch.length < this.#plan.batch && bytes < MAX_BATCH_BYTES) {
      const delivery = this.#queue.take();
      if (!delivery) break;
      if (delivery.entry.crashes >= MAX_CRASHES) {
        this.#suspects.push(delivery);
        break;
      }
      batch.push(delivery);
      bytes += delivery.bytes;
    }
    return batch;
  }

  #runSuspect(): void {
    const suspect = this.#suspects.shift();
    if (!suspect) return;
    if (suspect.entry.window.isClosed) {
      this.#queue.release(suspect);
      this.dispatch();
      return;
    }
    this.#isAlone = true;
    void this.#run([suspect]);
  }

  async #run(batch: readonly Delivery[]): Promise<void> {
    const isAlone = this.#isAlone;
    this.#running += 1;
    for (const delivery of batch) {
      delivery.state = 'running';
      delivery.entry.window.began();
    }
    const messages = batch.map(({ record, entry }) => ({ record, attempt: entry.attempts + 1 }));
    const outcomes = await this.#plan.invoke(messages, this.#closing.signal);
    this.#running -= 1;
    if (isAlone) this.#isAlone = false;
    for (const [at, delivery] of batch.entries()) {
      const outcome = outcomes[at];
      if (outcome) this.#settle(delivery, outcome, isAlone);
    }
    this.dispatch();
  }

  #settle(delivery: Delivery, outcome: Outcome, isAlone: boolean): void {
    const { entry } = delivery;
    const { observer } = this.#options;
    if (outcome.kind === 'done' || outcome.kind === 'dropped') {
      observer.tried(this.#labels, 'ok');
      this.#end(delivery, outcome.kind);
      return;
    }
    const isItsFault = outcome.kind !== 'excused' || (outcome.hasCrashed && isAlone);
    observer.tried(this.#labels, isItsFault ? 'failed' : 'excused');
    if (!isItsFault) {
      entry.crashes += outcome.kind === 'excused' && outcome.hasCrashed ? 1 : 0;
      this.#rest(delivery, backoffMs(1, EXCUSED_REST_MS, EXCUSED_REST_MS));
      return;
    }
    entry.attempts += 1;
    const { attempts, backoffMs: firstMs, maxBackoffMs } = this.#plan;
    if (outcome.kind === 'refused' || entry.attempts >= attempts) {
      void this.#bury(delivery, outcome.error);
      return;
    }
    observer.retried(this.#labels);
    const asked = outcome.kind === 'failed' ? outcome.afterMs : undefined;
    this.#rest(delivery, asked ?? backoffMs(entry.attempts, firstMs, maxBackoffMs));
  }

  /** (2) Still running for its window until the topic has it; then finished. */
  async #bury(delivery: Delivery, error: Extract<Outcome, { error: unknown }>['error']): Promise<void> {
    const { deadLetters } = this.#options;
    const isWanted = (): boolean => !delivery.entry.window.isClosed && !this.#closing.signal.aborted;
    const result = await deadLetters.bury(delivery, error, isWanted, this.#closing.signal);
    if (result) this.#end(delivery, result);
    else this.#leave(delivery, 'queued');
    this.dispatch();
  }

  /** (1) It comes again by itself; not when its window closes meanwhile. */
  #rest(delivery: Delivery, pauseMs: number): void {
    this.#leave(delivery, 'resting');
    if (delivery.entry.delivery !== delivery || this.#closing.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#resting.delete(delivery);
      delivery.state = 'queued';
      this.#queue.again(delivery);
      this.dispatch();
    }, Math.min(pauseMs, 2 ** 31 - 1));
    this.#resting.set(delivery, timer);
  }

  /** It does not run any more. A closed window has no use for it. */
  #leave(delivery: Delivery, state: Delivery['state']): void {
    const { entry } = delivery;
    const { window } = entry;
    delivery.state = state;
    if (window.isClosed) {
      entry.delivery = undefined;
      this.#queue.release(delivery);
    }
    window.ended();
  }

  #end(delivery: Delivery, result: MqResult): void {
    const { entry } = delivery;
    this.#queue.release(delivery);
    this.#options.observer.ended(this.#labels, result);
    this.#options.onFinished(entry);
    entry.window.ended();
  }
}
