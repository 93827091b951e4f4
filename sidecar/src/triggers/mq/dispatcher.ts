// Takes messages to the function: one of each key at a time, at most `concurrency` invocations.
//  1. A message is in one place: queued, running (at the function, or on its way to the dead-letter topic), or resting
//     until its next try. It holds its lane until it is finished, so nothing of its key overtakes it.
//  2. It is finished when the function is done with it, when the function dropped it, or when the dead-letter topic has
//     acknowledged it; never otherwise.
//  3. Errors that are not its fault do not count as tries. A message with which the function process died more than once
//     runs alone, so that it is known whose fault that is; then it counts.
//  4. When the function has more to do than it can, or a resource that it needs is away, nothing is taken to it for a while,
//     and nothing more is fetched; for a resource longer each time, until a message is done.
import type { BottleError } from '@bottle/protos';
import { backoffMs } from './backoff.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Delivery } from './delivery.ts';
import type { Outcome } from './outcome.ts';
import type { MqCounters, MqPlan, MqResult } from './plan.ts';
import { WorkQueue } from './work-queue.ts';

/** A pause for what is nobody's fault. */
const EXCUSED_REST_MS = 200;
/** (4) */
const PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;
const MAX_CRASHES = 2;
/** Messages that travel together. A larger one travels alone. */
const MAX_PACK = 64;
const MAX_BYTES = 1024 * 1024;

export interface DispatcherOptions {
  plan: MqPlan;
  deadLetters: DeadLetters;
  counters: MqCounters;
  /** It is over with this message. */
  onFinished(delivery: Delivery): void;
  /** Messages were settled, and there may be places. */
  onSettled(): void;
  /** Whether further messages may come before any of these is finished. */
  mayCome(): boolean;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queue = new WorkQueue();
  readonly #resting = new Map<Delivery, NodeJS.Timeout>();
  readonly #suspects: Delivery[] = [];
  readonly #closing = new AbortController();
  #plan: MqPlan;
  #running = 0;
  #isAlone = false;
  #isOpen = false;
  #pause: NodeJS.Timeout | undefined;
  /** Pauses for a resource since a message was done, and what for. (4) */
  #pauses = 0;
  #waitsFor: string | undefined;
  #isGoingOn = false;
  #batchTimer: NodeJS.Timeout | undefined;
  /** When the first one that waits for a batch to fill came. */
  #fillingSince: number | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#plan = options.plan;
  }

  /** Invocations under way. */
  get running(): number {
    return this.#running;
  }

  /** (4) */
  get isPaused(): boolean {
    return this.#pause !== undefined;
  }

  /** The resource that it waits for: "cache.main". (4) */
  get waitsFor(): string | undefined {
    return this.#waitsFor;
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
      if (!delivery.window.isClosed) continue;
      clearTimeout(timer);
      this.#resting.delete(delivery);
      this.#queue.release(delivery);
      delivery.forget();
    }
    this.#queue.resume();
  }

  /** Starts what may run now. */
  dispatch(): void {
    while (this.#isOpen && !this.isPaused && this.#running < this.#plan.concurrency && !this.#isAlone) {
      if (this.#suspects.length > 0) {
        if (this.#running === 0) this.#runSuspect();
        return; // (3)
      }
      if (!this.#isDue()) return;
      const messages = this.#gather();
      if (messages.length > 0) void this.#run(messages);
      else if (this.#suspects.length === 0) return;
    }
  }

  /** Cancels what runs. */
  close(): void {
    this.#isOpen = false;
    this.#closing.abort();
    clearTimeout(this.#batchTimer);
    clearTimeout(this.#pause);
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  /** A batch starts when it is full, when it was waited for long enough, or when waiting would add nothing. */
  #isDue(): boolean {
    const { batch, batchWaitMs } = this.#plan;
    const { ready, blocked } = this.#queue;
    if (ready === 0) return false;
    if (batch === undefined || ready >= batch || blocked > 0 || !this.#options.mayCome()) return true;
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

  /** A batch, or as many messages for invocations of their own as there are places; not all, so that two are on their way. */
  #gather(): Delivery[] {
    const { batch, concurrency } = this.#plan;
    if (batch !== undefined) {
      this.#fillingSince = undefined;
      clearTimeout(this.#batchTimer);
      this.#batchTimer = undefined;
    }
    const most = batch ?? Math.min(concurrency - this.#running, Math.ceil(concurrency / 2), MAX_PACK);
    const messages: Delivery[] = [];
    let bytes = 0;
    while (messages.length < most && bytes < MAX_BYTES) {
      const delivery = this.#queue.take();
      if (!delivery) break;
      if (delivery.crashes >= MAX_CRASHES) {
        this.#suspects.push(delivery);
        break;
      }
      messages.push(delivery);
      bytes += delivery.bytes;
    }
    return messages;
  }

  #runSuspect(): void {
    const suspect = this.#suspects.shift();
    if (!suspect) return;
    if (suspect.window.isClosed) {
      this.#queue.release(suspect);
      this.dispatch();
      return;
    }
    this.#isAlone = true;
    void this.#run([suspect]);
  }

  async #run(messages: readonly Delivery[]): Promise<void> {
    const isAlone = this.#isAlone;
    const isList = this.#plan.batch !== undefined;
    this.#running += isList ? 1 : messages.length;
    for (const delivery of messages) {
      delivery.state = 'running';
      delivery.window.began();
    }
    const settle = (at: number, outcome: Outcome): void => {
      if (!isList) this.#running -= 1;
      if (isAlone) this.#isAlone = false;
      this.#settle(messages[at] as Delivery, outcome, isAlone);
      this.#goOn();
    };
    await this.#plan.invoke(messages, settle, this.#closing.signal);
    if (isList) this.#running -= 1;
    this.#goOn();
  }

  /** Once for all that is settled together. */
  #goOn(): void {
    if (this.#isGoingOn) return;
    this.#isGoingOn = true;
    queueMicrotask(() => {
      this.#isGoingOn = false;
      this.#options.onSettled();
      this.dispatch();
    });
  }

  #settle(delivery: Delivery, outcome: Outcome, isAlone: boolean): void {
    const { counters } = this.#options;
    if (outcome.kind === 'done' || outcome.kind === 'dropped') {
      this.#pauses = 0;
      this.#waitsFor = undefined;
      counters.tried('ok');
      this.#end(delivery, outcome.kind);
      return;
    }
    const isItsFault = outcome.kind !== 'excused' || (outcome.hasCrashed && isAlone);
    if (isItsFault) this.#waitsFor = undefined; // it got further than that
    counters.tried(isItsFault ? 'failed' : 'excused');
    if (!isItsFault) {
      if (outcome.error.reason === 'overloaded') this.#takeBreath(PAUSE_MS);
      else if (outcome.kind === 'excused' && outcome.isAway === true) this.#waitFor(outcome.error);
      delivery.crashes += outcome.kind === 'excused' && outcome.hasCrashed ? 1 : 0;
      this.#rest(delivery, backoffMs(1, EXCUSED_REST_MS, EXCUSED_REST_MS));
      return;
    }
    delivery.attempts += 1;
    const { attempts, backoffMs: firstMs, maxBackoffMs } = this.#plan;
    if (outcome.kind === 'refused' || delivery.attempts >= attempts) {
      void this.#bury(delivery, outcome.error);
      return;
    }
    counters.retried();
    const asked = outcome.kind === 'failed' ? outcome.afterMs : undefined;
    this.#rest(delivery, asked ?? backoffMs(delivery.attempts, firstMs, maxBackoffMs));
  }

  /** (4) */
  #waitFor({ details }: BottleError): void {
    this.#waitsFor = String(details['resource']);
    if (!this.isPaused) this.#takeBreath(Math.min(PAUSE_MS * 2 ** this.#pauses++, MAX_PAUSE_MS));
  }

  #takeBreath(pauseMs: number): void {
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        this.#goOn();
      },
      pauseMs * (0.75 + Math.random() / 2),
    );
  }

  /** (2) It runs, as far as its window is concerned, until the topic has it. */
  async #bury(delivery: Delivery, error: BottleError): Promise<void> {
    const result = await this.#options.deadLetters.bury(delivery, error, this.#closing.signal);
    this.#queue.resume();
    if (result) this.#end(delivery, result);
    else this.#leave(delivery, 'queued');
    this.#goOn();
  }

  /** (1) It comes again by itself; not when its window closes meanwhile. */
  #rest(delivery: Delivery, pauseMs: number): void {
    this.#leave(delivery, 'resting');
    if (delivery.window.isClosed || this.#closing.signal.aborted) return;
    const timer = setTimeout(
      () => {
        this.#resting.delete(delivery);
        delivery.state = 'queued';
        this.#queue.again(delivery);
        this.dispatch();
      },
      Math.min(pauseMs, 2 ** 31 - 1),
    );
    this.#resting.set(delivery, timer);
  }

  /** It does not run any more. A closed window has no use for it. */
  #leave(delivery: Delivery, state: 'queued' | 'resting'): void {
    delivery.state = state;
    if (delivery.window.isClosed) {
      this.#queue.release(delivery);
      delivery.forget();
    }
    delivery.window.ended();
  }

  #end(delivery: Delivery, result: MqResult): void {
    this.#queue.release(delivery);
    this.#options.counters.ended(result);
    this.#options.onFinished(delivery);
    delivery.window.ended();
  }
}
