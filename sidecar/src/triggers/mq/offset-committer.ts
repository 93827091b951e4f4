import { setTimeout as delay } from 'node:timers/promises';
import type { GroupPosition, QueueConsumer } from '@bottle/capabilities';
import { BottleError } from '@bottle/protos';
import type { PartitionWindow } from './partition-window.ts';
import type { MqLabels, MqLog } from './plan.ts';

/** How long finished work waits for more to be committed with: what may come twice after a crash. */
const INTERVAL_MS = 100;
const RETRY_MS = 500;

export interface OffsetCommitterOptions {
  windows: ReadonlyMap<number, PartitionWindow>;
  labels: MqLabels;
  log: MqLog;
  /** The queue has taken positions, or is not there to take them. */
  onAnswer(isThere: boolean): void;
}

/** Commits the positions of windows that have changed, one request at a time. */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions;
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<boolean> | undefined;
  /** Undefined while the group is not joined. */
  consumer: QueueConsumer | undefined;

  constructor(options: OffsetCommitterOptions) {
    this.#options = options;
  }

  /** Something finished. */
  touch(): void {
    if (this.#timer || this.#committing) return;
    this.#schedule(INTERVAL_MS);
  }

  /** Commits what these windows have to commit; gives up when the signal aborts, or they are others' already. */
  async flush(windows: readonly PartitionWindow[], signal: AbortSignal): Promise<void> {
    const isPending = (window: PartitionWindow): boolean =>
      window.isDirty && this.#options.windows.get(window.partition) === window;
    while (!signal.aborted && this.consumer && (this.#committing || windows.some(isPending))) {
      const isDone = await Promise.race([this.#committing ?? this.#commit(), aborted(signal)]);
      if (!isDone) await delay(RETRY_MS / 5, undefined, { signal }).catch(() => {}); // asked above
    }
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#commit();
    }, afterMs);
  }

  /** Resolves with whether the queue has taken it, or never will. */
  async #commit(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const dirty = [...this.#options.windows.values()].filter(({ isDirty }) => isDirty);
    const { consumer } = this;
    if (dirty.length === 0 || !consumer) return true;
    const positions = new Map<number, GroupPosition>();
    for (const window of dirty) {
      positions.set(window.partition, window.position);
      window.isDirty = false;
    }
    this.#committing = this.#send(consumer, positions, dirty);
    const isDone = await this.#committing;
    this.#committing = undefined;
    if ([...this.#options.windows.values()].some(({ isDirty }) => isDirty)) {
      if (!this.#timer) this.#schedule(isDone ? INTERVAL_MS : RETRY_MS);
    }
    return isDone;
  }

  async #send(
    consumer: QueueConsumer,
    positions: ReadonlyMap<number, GroupPosition>,
    dirty: readonly PartitionWindow[],
  ): Promise<boolean> {
    try {
      await consumer.commit(positions);
      for (const window of dirty) {
        const position = positions.get(window.partition);
        if (position) window.acknowledged(position.next);
      }
      this.#options.onAnswer(true);
      return true;
    } catch (thrown) {
      const error = BottleError.from(thrown);
      if (error.reason === 'partition-revoked') {
        // Whoever has the partition now goes on from what was committed before.
        for (const window of dirty) window.isDirty = !window.isClosed;
        this.#options.onAnswer(true);
        return true;
      }
      const { function: name, topic, group } = this.#options.labels;
      this.#options.log.warn({ function: name, topic, group, reason: error.message }, 'positions cannot be committed');
      for (const window of dirty) window.isDirty = true;
      this.#options.onAnswer(false);
      return false;
    }
  }
}

function aborted(signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }));
}
