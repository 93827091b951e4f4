import type { QueueRecord } from '@bottle/capabilities';
import type { PartitionWindow } from './partition-window.ts';

/** What a message takes in memory beside its key, value and headers, about. */
const OVERHEAD_BYTES = 256;
const NO_RECORD: QueueRecord = {
  partition: 0,
  offset: 0n,
  key: undefined,
  value: undefined,
  headers: [],
  timestampMs: 0,
};

/** A message, as long as the group's position has not passed it. */
export class Delivery {
  readonly offset: bigint;
  /** Tells it from another one that got its offset when the topic was made anew. */
  readonly timestampMs: number;
  record: QueueRecord;
  window: PartitionWindow;
  /** In the work queue, at the function or the dead-letter topic, waiting for its next try, or over with. */
  state: 'queued' | 'running' | 'resting' | 'finished' = 'queued';
  /** Tries that count, so far. */
  attempts = 0;
  /** Tries that ended with the function process. */
  crashes = 0;
  /** Messages of one lane run one after the other; undefined: it has no key, and waits for nobody. */
  lane: string | undefined;
  /** The next one of its lane. */
  next: Delivery | undefined;
  bytes: number;

  constructor(record: QueueRecord, window: PartitionWindow) {
    const { key, value, headers } = record;
    this.offset = record.offset;
    this.timestampMs = record.timestampMs;
    this.record = record;
    this.window = window;
    this.lane = key === undefined ? undefined : key.toString('latin1');
    this.bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
    for (const header of headers) this.bytes += header.name.length + (header.value?.length ?? 0);
  }

  /** Which try is the next one, or under way: 1 for the first. */
  get attempt(): number {
    return this.attempts + 1;
  }

  /** Keeps what is known of the message, not the message. */
  forget(): void {
    this.record = NO_RECORD;
    this.next = undefined;
    this.bytes = 0;
  }
}
