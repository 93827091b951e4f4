import type { QueueRecord } from '@bottle/capabilities';
import type { PartitionWindow } from './partition-window.ts';

/** What is remembered of a message as long as the group's position has not passed it. */
export interface Entry {
  readonly offset: bigint;
  /** Tells a message from another one that got its offset when the topic was made anew. */
  readonly timestampMs: number;
  window: PartitionWindow;
  isFinished: boolean;
  /** Tries that count, so far. */
  attempts: number;
  /** Tries that ended with the function process. */
  crashes: number;
  /** Undefined once it is finished. */
  delivery: Delivery | undefined;
}

/** A message on its way to the function, until it is finished. */
export interface Delivery {
  readonly entry: Entry;
  readonly record: QueueRecord;
  /** Messages of one lane run one after the other; undefined: it has no key, and waits for nobody. */
  readonly lane: string | undefined;
  /** The next one of its lane. */
  next: Delivery | undefined;
  /** Where it is: in the work queue, at the function or the dead-letter topic, or waiting for its next try. */
  state: 'queued' | 'running' | 'resting';
  readonly bytes: number;
}

/** What a message takes in memory beside its key, value and headers, about. */
const OVERHEAD_BYTES = 256;

export function createDelivery(entry: Entry, record: QueueRecord): Delivery {
  const { key, value, headers, partition } = record;
  let bytes = OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += header.name.length + header.value.length;
  return {
    entry,
    record,
    lane: key === undefined ? undefined : `${partition}/${key.toString('latin1')}`,
    next: undefined,
    state: 'queued',
    bytes,
  };
}
