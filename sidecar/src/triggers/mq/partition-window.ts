// The messages of one partition between the group's position and what was fetched last.
//  1. The position is the offset of the first message that is not finished; it never passes one.
//  2. What is finished beyond it is committed beside it, so that it does not come again.
//  3. A window that is closed starts nothing any more; what still runs may finish, and counts while it is committed.
//  4. When the partition comes back to this pod, what it knows of its messages goes on: a running one is not started
//     twice, a finished one not again, and tries are not forgotten. That holds for what the position has passed, too, until the
//     queue has acknowledged it.
import type { GroupPosition, OffsetRange, QueueRecord, Reached } from '@bottle/capabilities';
import { Delivery } from './delivery.ts';
import { PassedOffsets } from './passed-offsets.ts';

/** Entries that are dropped from the front at once. */
const COMPACT_AT = 1_024;

/** What is worth remembering of a window that was closed. (4) */
export interface Memory {
  /** Messages from its position on, by offset. */
  readonly ahead: ReadonlyMap<bigint, Delivery>;
  readonly passed: PassedOffsets;
}

const nothing = (): Memory => ({ ahead: new Map(), passed: new PassedOffsets() });

export class PartitionWindow {
  readonly partition: number;
  #messages: Delivery[] = [];
  #head = 0;
  #ahead: readonly OffsetRange[];
  /** The offset behind the last message that was fetched. */
  #fetched: bigint;
  readonly #memory: Memory['ahead'];
  readonly #passed: PassedOffsets;
  readonly #holds = new Map<Delivery, string>();
  readonly #closing = new AbortController();
  #running = 0;
  readonly #untilIdle = new Set<() => void>();
  /** The position, or what is finished beyond it, has changed since it was last committed. */
  isDirty = false;
  /** Messages that are not finished. */
  unfinished = 0;
  /** What those take in memory. */
  bytes = 0;
  /** Where the partition ends, as far as known. */
  end: bigint;

  constructor(partition: number, { next, ahead }: GroupPosition, memory: Memory = nothing()) {
    this.partition = partition;
    this.#ahead = ahead;
    this.#fetched = next;
    this.#memory = memory.ahead;
    this.#passed = memory.passed;
    this.acknowledged(next);
    this.end = next;
  }

  /** What it keeps in mind: messages from the position on, finished ones included, and what was passed and not acknowledged. */
  get span(): number {
    return this.#messages.length - this.#head + this.#passed.size;
  }

  /** When the oldest unfinished message was published, in milliseconds since 1970. */
  get oldestMs(): number | undefined {
    return this.#messages[this.#head]?.timestampMs;
  }

  /** Messages that the group has yet to finish, those not fetched included. */
  get lag(): number {
    return Math.max(Number(this.end - (this.#messages[this.#head]?.offset ?? this.#fetched)), 0);
  }

  /** (1, 2) */
  get position(): GroupPosition {
    const ahead: OffsetRange[] = [];
    let open: OffsetRange | undefined;
    for (let at = this.#head; at < this.#messages.length; at++) {
      const { state, offset } = this.#messages[at] as Delivery;
      if (state !== 'finished') open = undefined;
      // Offsets between two finished ones were never messages, or are gone.
      else if (open) open.to = offset + 1n;
      else ahead.push((open = { from: offset, to: offset + 1n }));
    }
    for (const { from, to } of this.#ahead) {
      if (to > this.#fetched) ahead.push({ from: from > this.#fetched ? from : this.#fetched, to });
    }
    return { next: this.#messages[this.#head]?.offset ?? this.#fetched, ahead };
  }

  /** Starts no message any more. (3) */
  get isClosed(): boolean {
    return this.closing.aborted;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Why it waits, and at which message: a dead letter that cannot be written. */
  get held(): { offset: bigint; reason: string } | undefined {
    const [first] = this.#holds;
    return first && { offset: first[0].offset, reason: first[1] };
  }

  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  /** It waits for this message. Answers whether that is news. */
  hold(delivery: Delivery, reason: string): boolean {
    const isNews = ![...this.#holds.values()].includes(reason);
    this.#holds.set(delivery, reason);
    return isNews;
  }

  /** It waits for this message no longer. Answers whether it goes on. */
  letGo(delivery: Delivery): boolean {
    return this.#holds.delete(delivery) && !this.isHeld;
  }

  /** The queue has this as the position. */
  acknowledged(next: bigint): void {
    this.#passed.forget(next);
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
    const { offset } = record;
    if (offset < this.#fetched) return undefined;
    this.#fetched = offset + 1n;
    if (this.#fetched > this.end) this.end = this.#fetched;
    const known = this.#memory.size === 0 ? undefined : this.#remembered(record);
    if (known && (known.state === 'running' || known.state === 'finished')) {
      known.window = this;
      this.#push(known);
      if (known.state === 'running') this.#running += 1;
      return undefined;
    }
    const delivery = new Delivery(record, this);
    if (known) {
      delivery.attempts = known.attempts;
      delivery.crashes = known.crashes;
    }
    if (this.#passed.has(record) || (this.#ahead.length > 0 && this.#wasAhead(offset))) {
      delivery.state = 'finished';
      delivery.forget();
    }
    this.#push(delivery);
    return delivery.state === 'finished' ? undefined : delivery;
  }

  /** What comes next, and where the partition ends. */
  reach({ next, end }: Reached): void {
    if (next > this.#fetched) this.#fetched = next;
    if (end > this.end) this.end = end;
  }

  /** It is over with this message. */
  finish(delivery: Delivery): void {
    this.bytes -= delivery.bytes;
    this.unfinished -= 1;
    delivery.state = 'finished';
    delivery.forget();
    this.isDirty = true;
    this.#advance();
  }

  /** Starts nothing any more; answers what is worth remembering. */
  close(): Memory {
    this.#closing.abort();
    // What the window before knew, and this one has not come to.
    const memory = new Map([...this.#memory].filter(([offset]) => offset >= this.#fetched));
    for (let at = this.#head; at < this.#messages.length; at++) {
      const delivery = this.#messages[at] as Delivery;
      const { state, attempts, crashes, offset } = delivery;
      if (state === 'running' || state === 'finished' || attempts + crashes > 0) memory.set(offset, delivery);
    }
    return { ahead: memory, passed: this.#passed };
  }

  #push(delivery: Delivery): void {
    this.#messages.push(delivery);
    if (delivery.state === 'finished') {
      this.isDirty = true;
      this.#advance();
    } else {
      this.unfinished += 1;
      this.bytes += delivery.bytes;
    }
  }

  #advance(): void {
    for (let first = this.#messages[this.#head]; first?.state === 'finished'; first = this.#messages[this.#head]) {
      this.#passed.add(first.offset, first.timestampMs);
      this.#head += 1;
    }
    if (this.#head < COMPACT_AT && this.#head < this.#messages.length) return;
    this.#messages = this.#messages.slice(this.#head);
    this.#head = 0;
  }

  #remembered({ offset, timestampMs }: QueueRecord): Delivery | undefined {
    const known = this.#memory.get(offset);
    return known?.timestampMs === timestampMs ? known : undefined;
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
