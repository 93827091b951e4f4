// What every group has read is kept for a while, for groups that come later and for people who look; then it goes, and the
// file gets smaller. What a group has yet to read, and topics that nobody reads, are not touched. A thread does it, and the
// checkpoints: they wait for the disk. It ends when it is done.
import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** How soon after a change it is looked whether there is something to do. */
const LOOK_MS = 1_000;
/** When the last time did nothing: everything is still to be read. */
const IDLE_LOOK_MS = 10_000;
/** How often messages are looked for that are old by now. */
const AGE_LOOK_MS = 60_000;
/** So much in the write-ahead log is put where it belongs; a little more than what it is cut to. */
const CHECKPOINT_BYTES = 5 * 1024 * 1024;

export interface QueueRetentionOptions {
  database: DatabaseSync;
  /** ":memory:" for none. */
  file: string;
  /** How long read messages are kept. */
  retentionMs: number;
  /** Bytes of the file beyond which read messages go, the oldest first. */
  retentionBytes: number;
  /** A group that nobody was a member of for so long does not count. */
  groupMemoryMs: number;
}

/** What the thread is given. */
export type TidyOptions = Omit<QueueRetentionOptions, 'database'>;

/** Decides when the file is tidied up. */
export class QueueRetention {
  readonly #options: QueueRetentionOptions;
  readonly #pages: StatementSync;
  #timer: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #agedAt = performance.now();
  #lookMs = LOOK_MS;

  constructor(options: QueueRetentionOptions) {
    this.#options = options;
    this.#pages = options.database.prepare(
      'SELECT page_count AS count, freelist_count AS free, page_size AS size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
    );
  }

  /** Bytes that messages take; free parts of the file are not counted. */
  get usedBytes(): number {
    const { count, free, size } = this.#pages.get() as { count: number; free: number; size: number };
    return (count - free) * size;
  }

  /** Something was appended or read. */
  changed(): void {
    const { file, retentionMs } = this.#options;
    if (file === ':memory:') return;
    this.#ageTimer ??= setInterval(() => this.changed(), Math.min(AGE_LOOK_MS, retentionMs)).unref();
    this.#timer ??= setTimeout(() => this.#look(), this.#lookMs).unref();
  }

  /** The thread opens the file by itself, and may go on for a moment. */
  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ageTimer);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #look(): void {
    this.#timer = undefined;
    const { database, retentionMs, retentionBytes } = this.#options;
    if (this.#worker || !database.isOpen) return;
    const now = performance.now();
    const isAgeDue = now - this.#agedAt >= Math.min(AGE_LOOK_MS, retentionMs);
    const isWorth = isAgeDue || this.#logBytes >= CHECKPOINT_BYTES || this.usedBytes > retentionBytes;
    if (!isWorth) return;
    if (isAgeDue) this.#agedAt = now;
    this.#tidy();
  }

  get #logBytes(): number {
    return statSync(`${this.#options.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  #tidy(): void {
    const { database, file, retentionMs, retentionBytes, groupMemoryMs } = this.#options;
    const workerData: TidyOptions = { file, retentionMs, retentionBytes, groupMemoryMs };
    const entry = import.meta.url.endsWith('.ts') ? './queue-tidy-thread.ts' : './queue-tidy-thread.js';
    let deleted = 0;
    const worker = new Worker(new URL(entry, import.meta.url), { workerData });
    worker.unref();
    this.#worker = worker;
    worker.once('message', (count: number) => (deleted = count));
    worker.once('error', () => {}); // another process holds the file, or the disk is full: the next time may succeed
    worker.once('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const isStuck = deleted === 0 && database.isOpen && this.usedBytes > retentionBytes;
      this.#lookMs = isStuck ? IDLE_LOOK_MS : LOOK_MS;
      this.changed(); // somebody may have been in the way, or have read on meanwhile
    });
  }
}
