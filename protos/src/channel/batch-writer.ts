import type { Batch } from '../generated/bottle/v1/Batch.ts';
import type { Frame } from '../generated/bottle/v1/Frame.ts';

/** A batch is closed when its frames reach this; one larger frame still travels alone. */
const MAX_BATCH_BYTES = 256 * 1024;
/** How long a frame that nobody waits for waits for company, in milliseconds. */
const LAZY_MS = 2;

/** The writable half of a gRPC stream of batches, at either end. */
export interface BatchSink {
  write(batch: Batch, written: () => void): boolean;
}

interface QueuedFrame {
  frame: Frame;
  bytes: number;
  isLazy: boolean;
  onWrite: (() => void) | undefined;
}

/**
 * Writes frames in batches: the frames of one turn of the event loop, and those that arrive while a write is pending,
 * travel together.
 *
 * A frame that travels alone (nothing else is under way) is written at once: waiting for the end of the turn would cost
 * it a turn of the event loop, a third of its latency. With company it waits: that halves the number of messages.
 */
export class BatchWriter {
  readonly #sink: BatchSink;
  #queue: QueuedFrame[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  #closed = false;
  /** Frames in the queue that are not lazy. */
  #urgent = 0;
  #lazyTimer: NodeJS.Timeout | undefined;
  #isLazyDue = false;

  constructor(sink: BatchSink) {
    this.#sink = sink;
  }

  /** Bytes that wait to be written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Queues a frame. `alone`: no other call is under way, so no other frame will come along. `onWrite` is called when the
   * frame is handed to the stream, never after `close`.
   */
  push(frame: Frame, bytes: number, alone: boolean, onWrite?: () => void): void {
    if (this.#closed) return;
    this.#queue.push({ frame, bytes, isLazy: false, onWrite });
    this.#queuedBytes += bytes;
    this.#urgent += 1;
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (alone) this.#flush();
    else setImmediate(this.#flush);
  }

  /**
   * Queues a frame that nobody waits for, and of which thousands may come: it travels with the next one, or in a while. Each on
   * its own would be a write of its own, a few hundred of which fill a socket, however small they are; and while both
   * processes write, neither reads.
   */
  pushLazily(frame: Frame): void {
    if (this.#closed) return;
    this.#queue.push({ frame, bytes: 0, isLazy: true, onWrite: undefined });
    this.#lazyTimer ??= setTimeout(this.#sendLazy, LAZY_MS);
  }

  close(): void {
    clearTimeout(this.#lazyTimer);
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  readonly #sendLazy = (): void => {
    this.#lazyTimer = undefined;
    this.#isLazyDue = true;
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#flush();
  };

  readonly #flush = (): void => {
    if (this.#closed || (this.#urgent === 0 && !this.#isLazyDue) || this.#queue.length === 0) {
      this.#scheduled = false;
      return;
    }
    const frames: Frame[] = [];
    let bytes = 0;
    let taken = 0;
    for (const queued of this.#queue) {
      if (taken > 0 && bytes + queued.bytes > MAX_BATCH_BYTES) break;
      frames.push(queued.frame);
      bytes += queued.bytes;
      taken += 1;
      if (!queued.isLazy) this.#urgent -= 1;
      queued.onWrite?.();
    }
    this.#queue = taken === this.#queue.length ? [] : this.#queue.slice(taken);
    if (this.#queue.length === 0) this.#isLazyDue = false;
    this.#queuedBytes -= bytes;
    this.#sink.write({ frames }, this.#flush);
  };
}

/** What a frame weighs, near enough to bound memory: its body and its header fields. */
export function weightOf(body: { length: number } | undefined, headers: readonly string[] | undefined): number {
  let weight = body?.length ?? 0;
  if (headers) for (const item of headers) weight += item.length;
  return weight;
}
