import { BottleError, Code } from '@bottle/protos';
import type { QueueMessage, QueueReceipt } from './mq-port.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { BUSY_RETRY_MS, BUSY_TIMEOUT_MS, FileBusy, type QueueFile } from './queue-file.ts';

/** Longest turn that appending takes. */
const SLICE_MS = 4;
/** Appended before the clock is looked at. */
const SLICE_MESSAGES = 32;

interface Publish {
  topic: string;
  messages: readonly QueueMessage[];
  signal: AbortSignal;
  /** Of the messages that are stored. */
  receipts: QueueReceipt[];
  resolve(receipts: QueueReceipt[]): void;
  reject(error: unknown): void;
}

/** What a commit did. */
interface Appended {
  topics: ReadonlySet<string>;
  /** Something of it is due later. */
  isDelayed: boolean;
}

type OnAppended = (appended: Appended) => void;

/**
 * Appends what is published. Publishes of one turn of the event loop share a commit; a large one takes several turns, in
 * which other topics have theirs. Those of one topic are stored in the order in which they came.
 */
export class QueueWriter {
  readonly #file: QueueFile;
  readonly #onAppended: OnAppended;
  readonly #topics = new Map<string, Publish[]>();
  #isScheduled = false;
  #busySince: number | undefined;

  constructor(file: QueueFile, onAppended: OnAppended) {
    this.#file = file;
    this.#onAppended = onAppended;
  }

  /** Resolves when all of them are stored. */
  publish(topic: string, messages: readonly QueueMessage[], signal: AbortSignal): Promise<QueueReceipt[]> {
    return new Promise((resolve, reject) => {
      const waiting = this.#topics.get(topic);
      const one: Publish = { topic, messages, signal, receipts: [], resolve, reject };
      if (waiting) waiting.push(one);
      else this.#topics.set(topic, [one]);
      this.#schedule();
    });
  }

  /** Stores what was published before. */
  async close(): Promise<void> {
    while (this.#topics.size > 0) {
      this.#flush();
      if (this.#busySince !== undefined) await delay(BUSY_RETRY_MS);
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#topics.size === 0) return;
    this.#isScheduled = true;
    const flush = (): void => {
      this.#isScheduled = false;
      this.#flush();
      this.#schedule();
    };
    if (this.#busySince === undefined) setImmediate(flush);
    else setTimeout(flush, BUSY_RETRY_MS);
  }

  /** One commit; nothing for now while somebody else writes. */
  #flush(): void {
    const until = performance.now() + SLICE_MS;
    const touched = new Set<Publish>();
    const settle: (() => void)[] = [];
    const appended = { topics: new Set<string>(), isDelayed: false };
    try {
      this.#file.commit(() => {
        do {
          const publish = this.#takeTurn();
          if (!publish) return;
          const { topic, messages, signal, receipts, resolve, reject } = publish;
          touched.add(publish);
          try {
            if (signal.aborted) throw new GivenUp(signal.reason);
            if (receipts.length === 0) this.#file.assertPartitions(topic, messages);
            const slice = messages.slice(receipts.length, receipts.length + SLICE_MESSAGES);
            receipts.push(...this.#file.append(topic, slice));
            appended.topics.add(topic);
            appended.isDelayed ||= slice.some(({ delayMs }) => delayMs > 0);
            if (receipts.length < messages.length) continue;
            settle.push(() => resolve(receipts));
          } catch (error) {
            // Its own fault, found before anything of this slice was appended.
            if (error instanceof GivenUp) settle.push(() => reject(error.reason));
            else if (error instanceof BottleError) settle.push(() => reject(error));
            else throw error;
          }
          this.#remove(publish);
        } while (performance.now() < until);
      });
    } catch (error) {
      if (error instanceof FileBusy) {
        this.#busySince ??= performance.now();
        if (performance.now() - this.#busySince < BUSY_TIMEOUT_MS) return;
      }
      this.#busySince = undefined;
      const failure = fromSqliteError(error instanceof FileBusy ? error.cause : error);
      const failed = [...this.#topics.values()].flat();
      this.#topics.clear();
      for (const { reject } of [...failed, ...touched]) reject(failure);
      return;
    }
    this.#busySince = undefined;
    for (const answer of settle) answer();
    if (appended.topics.size > 0) this.#onAppended(appended);
  }

  /** The first publish of the topic whose turn it is. */
  #takeTurn(): Publish | undefined {
    for (const [topic, waiting] of this.#topics) {
      this.#topics.delete(topic); // to the end
      this.#topics.set(topic, waiting);
      return waiting[0];
    }
    return undefined;
  }

  #remove(publish: Publish): void {
    const { topic } = publish;
    const waiting = this.#topics.get(topic);
    if (waiting?.[0] === publish) waiting.shift();
    if (waiting?.length === 0) this.#topics.delete(topic);
  }
}

/** Nobody waits for the rest any more. */
class GivenUp {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

function fromSqliteError(thrown: unknown): BottleError {
  const { message, errcode } = thrown as Error & { errcode?: number };
  const details = errcode === undefined ? {} : { driverCode: `SQLITE_${errcode}` };
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `the queue's file failed: ${message}`, { details });
}
