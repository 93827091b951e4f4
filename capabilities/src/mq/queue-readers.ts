// The consumers of one open file share one clock, so that what nothing happens to costs nothing.
//  1. Those of a topic are woken when something was appended to it, in this process or in another one; no others.
//  2. Delayed messages: one timer, for the one that is due next. Whoever appends it wakes all who read its topic; other
//     processes find it as they find everything, by looking every few milliseconds whether the file has changed.
//  3. Members renew their leases in turn, a few at a time: hundreds of them together would hold up everything else.
import type { QueueFile } from './queue-file.ts';

/** How often it is looked whether another process has changed the file. */
const POLL_MS = 20;
/** Renewals of one look. With more members than fit into their lease at this rate, some would lose it. */
const RENEWALS_PER_POLL = 24;
/** Timers of Node.js end before the 25th day. */
const MAX_TIMER_MS = 86_400_000;

/** What a consumer is to the clock. */
export interface QueueReader {
  readonly topicName: string;
  /** When its lease is to be renewed, on the clock of performance.now(). */
  readonly renewsAt: number;
  /** The file failed when it read. */
  readonly mustRetry: boolean;
  renew(): void;
  /** There may be something to read. */
  wake(): void;
}

export interface QueueReadersOptions {
  file: QueueFile;
  /** Something was appended or read, in whichever process. */
  onChange(): void;
}

/** Everybody who reads one file in this process. */
export class QueueReaders {
  readonly #options: QueueReadersOptions;
  readonly #topics = new Map<string, Set<QueueReader>>();
  /** The one that renewed longest ago first. */
  readonly #renewals = new Set<QueueReader>();
  #poll: NodeJS.Timeout | undefined;
  #dueTimer: NodeJS.Timeout | undefined;
  /** Milliseconds since 1970 of the next delayed message. */
  #dueAt = Number.POSITIVE_INFINITY;
  #seenVersion = -1;

  constructor(options: QueueReadersOptions) {
    this.#options = options;
  }

  add(reader: QueueReader): void {
    const { topicName } = reader;
    this.#topics.set(topicName, (this.#topics.get(topicName) ?? new Set()).add(reader));
    this.#renewals.add(reader);
    this.#poll ??= setInterval(() => this.#look(), POLL_MS);
  }

  remove(reader: QueueReader): void {
    const { topicName } = reader;
    const readers = this.#topics.get(topicName);
    readers?.delete(reader);
    if (readers?.size === 0) this.#topics.delete(topicName);
    this.#renewals.delete(reader);
    if (this.#renewals.size > 0) return;
    clearInterval(this.#poll);
    clearTimeout(this.#dueTimer);
    this.#poll = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#seenVersion = -1;
  }

  /** This process has appended to these topics; `isDelayed`: and something will be due. (1, 2) */
  appended(topics: Iterable<string>, isDelayed: boolean): void {
    if (this.#renewals.size === 0) return;
    if (isDelayed) this.#guarded(() => this.#awaitDue());
    this.#wake(topics);
  }

  close(): void {
    for (const reader of Array.from(this.#renewals)) this.remove(reader);
  }

  #look(): void {
    this.#guarded(() => {
      const { file, onChange } = this.#options;
      const version = file.dataVersion;
      if (version !== this.#seenVersion) {
        this.#seenVersion = version;
        this.#wake(file.changedTopics());
        this.#awaitDue();
        onChange();
      }
      if (Date.now() >= this.#dueAt) this.#promote(); // a clock that was set, or a promotion that failed
    });
    this.#renew();
    for (const reader of Array.from(this.#renewals)) if (reader.mustRetry) reader.wake();
  }

  /** (3) */
  #renew(): void {
    const now = performance.now();
    let left = RENEWALS_PER_POLL;
    for (const reader of Array.from(this.#renewals)) {
      if (reader.renewsAt > now || left === 0) return;
      left -= 1;
      this.#renewals.delete(reader); // to the end
      this.#renewals.add(reader);
      reader.renew();
    }
  }

  #wake(topics: Iterable<string>): void {
    for (const topic of topics) for (const reader of Array.from(this.#topics.get(topic) ?? [])) reader.wake();
  }

  /** (2) */
  #awaitDue(): void {
    this.#dueAt = this.#options.file.nextDueAt();
    clearTimeout(this.#dueTimer);
    if (this.#dueAt === Number.POSITIVE_INFINITY) return;
    const ms = Math.min(Math.max(0, this.#dueAt - Date.now()), MAX_TIMER_MS);
    this.#dueTimer = setTimeout(() => this.#guarded(() => this.#promote()), ms);
  }

  #promote(): void {
    const topics = this.#options.file.promoteDue();
    this.#awaitDue(); // at once where more are due than were taken
    this.#wake(topics);
    if (topics.size > 0) this.#options.onChange();
  }

  /** A file that fails is looked at again; its readers say that it does. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch {
      for (const reader of Array.from(this.#renewals)) reader.wake();
    }
  }
}
