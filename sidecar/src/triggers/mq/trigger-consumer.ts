// One member of a consumer group, and the function that gets its messages.
//  1. Nothing is fetched while as much is unfinished as may be, or while the function cannot be invoked, has too much to do, or
//     waits for a resource.
//  2. Positions move behind finished work alone, in commits of what changed since the last one.
//  3. Partitions that go to another member start nothing more; what runs finishes, and is committed before they go.
//  4. While the queue does not take positions nothing is begun: if another member goes on, it repeats what was finished since.
//  5. A pod whose function cannot be invoked for long leaves the group, so that others get its partitions.
import type {
  BrokenBatch,
  GroupPosition,
  QueueConsumer,
  QueueDriver,
  QueueListener,
  QueueRecord,
  Reached,
} from '@bottle/capabilities';
import { DeadLetters } from './dead-letters.ts';
import { headerText, RETRY_GROUP_HEADER } from './dead-letter-headers.ts';
import { Dispatcher } from './dispatcher.ts';
import { OffsetCommitter } from './offset-committer.ts';
import { type Memory, PartitionWindow } from './partition-window.ts';
import { labelsOf, type MqCounters, type MqLabels, type MqLog, type MqObserver, type MqPlan } from './plan.ts';

/** Most messages of one partition that are not finished. */
const MAX_UNFINISHED = 500;
/** Most of them in all partitions. */
const MAX_ALL_UNFINISHED = 2_000;
/** Most messages of one partition that have to be kept in mind: behind one that is not finished, or not committed. */
const MAX_SPAN = 20_000;
/** Most memory that unfinished messages take. */
const MAX_BYTES = 32 * 1024 * 1024;
const LEAVE_AFTER_MS = 10_000;
const REFRESH_MS = 5_000;

export interface TriggerConsumerOptions {
  plan: MqPlan;
  driver: QueueDriver;
  observer: MqObserver;
  log: MqLog;
}

/** How a consumer stands, for metrics. */
export interface ConsumerGauge {
  labels: MqLabels;
  /** It is a member of its group. */
  joined: boolean;
  /** Invocations under way. */
  running: number;
  partitions: readonly {
    partition: number;
    lag: number;
    unfinished: number;
    oldestMs: number | undefined;
    /** What cannot be read, and keeps the partition where it is. */
    broken: BrokenBatch | undefined;
    /** The message whose dead letter cannot be written, which the partition waits for. */
    held: PartitionWindow['held'];
  }[];
}

export class TriggerConsumer {
  readonly #options: TriggerConsumerOptions;
  readonly #labels: MqLabels;
  readonly #counters: MqCounters;
  readonly #dispatcher: Dispatcher;
  readonly #committer: OffsetCommitter;
  readonly #windows = new Map<number, PartitionWindow>();
  /** What is worth remembering of partitions that others have, or had. */
  readonly #memories = new Map<number, Memory>();
  readonly #wantsMore = new Map<number, () => void>();
  readonly #refresh: NodeJS.Timeout;
  #plan: MqPlan;
  #consumer: QueueConsumer | undefined;
  #leaving: Promise<void> | undefined;
  #leaveTimer: NodeJS.Timeout | undefined;
  #isServing = false;
  #isCommitting = true;
  #isEnding = false;

  constructor(options: TriggerConsumerOptions) {
    const { plan, driver, observer, log } = options;
    this.#options = options;
    this.#plan = plan;
    this.#labels = labelsOf(plan);
    this.#counters = observer.counters(this.#labels);
    const onAnswer = (isThere: boolean): void => this.#onCommitAnswer(isThere);
    this.#committer = new OffsetCommitter({ windows: this.#windows, labels: this.#labels, log, onAnswer });
    this.#dispatcher = new Dispatcher({
      plan,
      deadLetters: new DeadLetters({ plan, driver, log }),
      counters: this.#counters,
      onFinished: (delivery) => delivery.window.finish(delivery),
      onSettled: () => {
        this.#committer.touch();
        if (this.#wantsMore.size > 0) this.#askForMore();
      },
      mayCome: () => this.#wantsMore.size < this.#windows.size,
    });
    this.#refresh = setInterval(() => void this.#refreshEnds(), REFRESH_MS);
    this.#refresh.unref();
  }

  /** Invocations under way, and one while positions are being committed at the end. */
  get inFlight(): number {
    return this.#dispatcher.running + (this.#leaving ? 1 : 0);
  }

  get gauge(): ConsumerGauge {
    return {
      labels: this.#labels,
      joined: this.#consumer !== undefined && this.#consumer.problem === undefined,
      running: this.#dispatcher.running,
      partitions: [...this.#windows.values()].map(({ partition, lag, unfinished, oldestMs, held }) => ({
        partition,
        lag,
        unfinished,
        oldestMs,
        broken: this.#consumer?.broken.get(partition),
        held,
      })),
    };
  }

  /** Why it gets no messages now. */
  get problem(): string | undefined {
    if (!this.#consumer) return 'its function cannot be invoked';
    if (this.#consumer.problem !== undefined) return this.#consumer.problem;
    if (!this.#isCommitting) return 'positions cannot be committed';
    const { waitsFor } = this.#dispatcher;
    return waitsFor === undefined ? undefined : `waits for ${waitsFor}, which is not available`;
  }

  /** Goes on behind a batch that cannot be read. False: none stands in the way there. */
  skip(partition: number, offset: bigint): boolean {
    if (!this.#consumer?.skip(partition, offset)) return false;
    const window = this.#windows.get(partition);
    if (window) window.isDirty = true; // although no message was finished
    this.#committer.touch();
    return true;
  }

  /** Takes over what may change while it runs; the group and the topic may not. */
  update(plan: MqPlan): void {
    this.#plan = plan;
    this.#dispatcher.plan = plan;
  }

  /** Whether its function can be invoked now. */
  setServing(isServing: boolean): void {
    if (this.#isServing === isServing || this.#isEnding) return;
    this.#isServing = isServing;
    clearTimeout(this.#leaveTimer);
    this.#leaveTimer = undefined;
    this.#openOrClose();
    if (isServing) {
      void this.#join();
      this.#askForMore();
    } else if (this.#consumer) {
      this.#leaveTimer = setTimeout(() => void this.#leave(), LEAVE_AFTER_MS); // (5)
    }
  }

  /** Starts nothing more; resolves when what runs is finished and committed, and the group is left. */
  async drain(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#leaveTimer);
    clearInterval(this.#refresh);
    this.#openOrClose();
    await this.#leave();
  }

  /** Cancels what runs. */
  async close(): Promise<void> {
    this.#dispatcher.close();
    await this.drain();
  }

  async #join(): Promise<void> {
    await this.#leaving;
    if (this.#consumer || !this.#isServing || this.#isEnding) return;
    const { driver } = this.#options;
    const { topic, group, fromBeginning } = this.#plan;
    const listener: QueueListener = {
      assigned: (positions) => this.#onAssigned(positions),
      records: (partition, records, reached) => this.#onRecords(partition, records, reached),
      revoked: (partitions, signal) => this.#onRevoked(partitions, signal),
    };
    const consumer = driver.consume({ topic, group, fromBeginning }, listener);
    this.#consumer = consumer;
    this.#committer.consumer = consumer;
  }

  #leave(): Promise<void> {
    const consumer = this.#consumer;
    if (!consumer) return this.#leaving ?? Promise.resolve();
    this.#consumer = undefined;
    this.#leaving = (async () => {
      await this.#onRevoked([...this.#windows.keys()], new AbortController().signal);
      await consumer.close();
      this.#committer.consumer = undefined;
      this.#leaving = undefined;
    })();
    return this.#leaving;
  }

  #onAssigned(positions: ReadonlyMap<number, GroupPosition>): void {
    for (const [partition, position] of positions) {
      const window = new PartitionWindow(partition, position, this.#memories.get(partition));
      this.#memories.delete(partition);
      this.#windows.set(partition, window);
    }
    this.#onCommitAnswer(true); // it has given positions
    const { functionName, topic, group } = this.#plan;
    this.#options.log.info(
      { function: functionName, topic, group, partitions: [...positions.keys()] },
      'partitions assigned',
    );
  }

  #onRecords(partition: number, records: readonly QueueRecord[], reached: Reached): Promise<void> | undefined {
    const window = this.#windows.get(partition);
    if (!window || window.isClosed || this.#isEnding) return new Promise(() => {}); // the driver hears of it otherwise
    for (const record of records) {
      const delivery = window.add(record);
      if (!delivery) continue;
      const group = record.headers.length === 0 ? undefined : headerText(record.headers, RETRY_GROUP_HEADER);
      if (group === undefined || group === this.#plan.group) {
        this.#dispatcher.add(delivery);
      } else {
        this.#counters.ended('skipped');
        window.finish(delivery);
      }
    }
    window.reach(reached);
    if (window.isDirty) this.#committer.touch();
    this.#dispatcher.dispatch();
    if (this.#hasRoom(window, 1)) return undefined;
    return new Promise((resolve) => this.#wantsMore.set(partition, resolve));
  }

  /** (3) */
  async #onRevoked(partitions: readonly number[], signal: AbortSignal): Promise<void> {
    const windows = partitions.flatMap((partition) => this.#windows.get(partition) ?? []);
    const memories = windows.map((window) => window.close());
    this.#dispatcher.sweep();
    for (const partition of partitions) {
      this.#wantsMore.get(partition)?.();
      this.#wantsMore.delete(partition);
    }
    await Promise.all(windows.map((window) => window.idle(signal)));
    await this.#committer.flush(windows, signal);
    for (const [at, window] of windows.entries()) {
      if (this.#windows.get(window.partition) === window) this.#windows.delete(window.partition);
      const memory = memories[at];
      if (memory) this.#memories.set(window.partition, memory);
    }
  }

  /** (4) */
  #onCommitAnswer(isThere: boolean): void {
    if (isThere !== this.#isCommitting) {
      this.#isCommitting = isThere;
      this.#openOrClose();
    }
    if (isThere && this.#wantsMore.size > 0) this.#askForMore();
  }

  #openOrClose(): void {
    this.#dispatcher.isOpen = this.#isServing && this.#isCommitting && !this.#isEnding;
  }

  /** (1) Those that were refused get more when half of it is done. */
  #askForMore(): void {
    for (const [partition, resolve] of this.#wantsMore) {
      const window = this.#windows.get(partition);
      if (window && !this.#hasRoom(window, 0.5)) continue;
      this.#wantsMore.delete(partition);
      resolve();
    }
  }

  #hasRoom({ unfinished, span, isHeld }: PartitionWindow, share: number): boolean {
    if (!this.#isServing || this.#dispatcher.isPaused || isHeld) return false;
    if (unfinished >= MAX_UNFINISHED * share || span >= MAX_SPAN) return false;
    let [bytes, all] = [0, 0];
    for (const window of this.#windows.values()) {
      bytes += window.bytes;
      all += window.unfinished;
    }
    return bytes < MAX_BYTES * share && all < MAX_ALL_UNFINISHED * share;
  }

  async #refreshEnds(): Promise<void> {
    const ends = await this.#consumer?.ends().catch(() => undefined); // a gauge: the next time, then
    for (const [partition, end] of ends ?? []) {
      const window = this.#windows.get(partition);
      if (window && end > window.end) window.end = end;
    }
  }
}
