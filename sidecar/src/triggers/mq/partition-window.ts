// The messages of one partition between the group's position and what was fetched last.
//  1. The position is the offset of the first message that is not finished; it never passes one.
//  2. What is finished beyond it is committed beside it, so that it does not come again.
//  3. A window that is closed starts nothing any more; what still runs may finish, and counts while it is committed.
//  4. When the partition comes back to this pod, what it knows of its messages goes on: a running one is not started
//     twice, a finished one not again, and tries are not forgotten.
import type { GroupPosition, OffsetRange, QueueRecord } from '@bottle/capabilities';
import { createDelivery, type Delivery, type Entry } from './delivery.ts';

/** Entries that are dropped from the front at once. */
const COMPACT_AT = 1_024;

/** What is worth remembering of a window that was closed, by offset. (4) */
export type Memory = ReadonlyMap<bigint, Entry>;

export class PartitionWindow {
  readonly partition: number;
  #entries: Entry[] = [];
  #head = 0;
  #next: bigint;
  #ahead: readonly OffsetRange[];
  readonly #memory: Memory;
  /** Starts no message any more. (3) */
  isClosed = false;
  /** The position, or what is finished beyond it, has changed since it was last committed. */
  isDirty = false;
  /** Messages that are not finished. */
  unfinished = 0;
  #running = 0;
  readonly #untilIdle = new Set<() => void>();
  /** What the unfinished ones take in memory. */
  bytes = 0;
  /** Where the partition ends, as far as known. */
  end: bigint;

  constructor(partition: number, { next, ahead }: GroupPosition, memory: Memory = new Map()) {
    this.partition = partition;
    this.#next = next;
    this.#ahead = ahead;
    this.#memory = memory;
    this.end = next;
  }

  /** Messages from the position on, finished ones included. */
  get span(): number {
    return this.#entries.length - this.#head;
  }

  /** When the oldest unfinished message was published, in milliseconds since 1970. */
  get oldestMs(): number | undefined {
    return this.#entries[this.#head]?.timestampMs;
  }

  /** Messages that the group has yet to finish, those not fetched included. */
  get lag(): number {
    return Math.max(Number(this.end - this.position.next), 0);
  }

  /** (1, 2) */
  get position(): GroupPosition {
    const ahead: OffsetRange[] = [];
    for (let at = this.#head + 1; at < this.#entries.length; at++) {
      const { isFinished, offset } = this.#entries[at] as Entry;
      if (!isFinished) continue;
      const last = ahead.at(-1);
      // Offsets between two finished ones were never messages, or are gone.
      if (last && (this.#entries[at - 1] as Entry).isFinished) last.to = offset + 1n;
      else ahead.push({ from: offset, to: offset + 1n });
    }
    const fetched = (this.#entries.at(-1)?.offset ?? this.#next - 1n) + 1n;
    for (const { from, to } of this.#ahead) {
      if (to > fetched) ahead.push({ from: from > fetched ? from : fetched, to });
    }
    return { next: this.#next, ahead };
  }

  /** One of its messages is at the function or the dead-letter topic, until `ended`. */
  began(): void {
    this.#running += 1;
  }

  ended(): void {
    this.#running -= 1;
    if (this.#running === 0) for (const done of this.#untilIdle) done();
  }

  /** Resolves when none of its messages runs, or when the signal aborts. */
  idle(signal: AbortSignal): Promise<void> {
    if (this.#running === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#untilIdle.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#untilIdle.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Takes a record in. Undefined when there is nothing to start: it is finished already, or still runs. */
  add(record: QueueRecord): Delivery | undefined {
    const { offset, timestampMs } = record;
    if (offset < this.#next) return undefined;
    const known = this.#memory.get(offset);
    const isFinished = this.#wasAhead(offset);
    if (known?.timestampMs === timestampMs && (known.isFinished || known.delivery)) {
      known.window = this;
      known.isFinished ||= isFinished;
      this.#push(known);
      this.#running += known.isFinished ? 0 : 1;
      this.bytes += known.delivery?.bytes ?? 0;
      return undefined;
    }
    const { attempts, crashes } = known?.timestampMs === timestampMs ? known : { attempts: 0, crashes: 0 };
    const entry: Entry = { offset, timestampMs, window: this, isFinished, attempts, crashes, delivery: undefined };
    this.#push(entry);
    if (isFinished) return undefined;
    const delivery = createDelivery(entry, record);
    entry.delivery = delivery;
    this.bytes += delivery.bytes;
    return delivery;
  }

  /** It is over with this message. */
  finish(entry: Entry): void {
    this.bytes -= entry.delivery?.bytes ?? 0;
    entry.isFinished = true;
    entry.delivery = undefined;
    this.unfinished -= 1;
    this.isDirty = true;
    this.#advance();
  }

  /** Starts nothing any more; answers what is worth remembering. The window must not be used for commits after it. */
  close(): Memory {
    this.isClosed = true;
    const memory = new Map<bigint, Entry>();
    for (let at = this.#head; at < this.#entries.length; at++) {
      const entry = this.#entries[at] as Entry;
      if (entry.delivery?.state !== 'running') entry.delivery = undefined;
      if (entry.isFinished || entry.delivery || entry.attempts + entry.crashes > 0) memory.set(entry.offset, entry);
    }
    return memory;
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    this.unfinished += entry.isFinished ? 0 : 1;
    if (entry.offset >= this.end) this.end = entry.offset + 1n;
    if (entry.isFinished) this.#advance();
  }

  #advance(): void {
    while (this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head] as Entry;
      if (!entry.isFinished) {
        this.#next = entry.offset;
        break;
      }
      this.#next = entry.offset + 1n;
      this.isDirty = true;
      this.#head += 1;
    }
    if (this.#head >= COMPACT_AT || this.#head === this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Whether it was committed as finished beyond the position. Offsets only grow, so ranges are used up in order. */
  #wasAhead(offset: bigint): boolean {
    let [range] = this.#ahead;
    while (range && range.to <= offset) {
      this.#ahead = this.#ahead.slice(1);
      [range] = this.#ahead;
    }
    return range !== undefined && range.from <= offset;
  }
}
