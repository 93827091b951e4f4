import type { OffsetRange, QueueRecord } from '@bottle/capabilities';

/** Finished messages that were published at the same time, one after the other. */
interface Run extends OffsetRange {
  timestampMs: number;
}

/**
 * Finished messages that the position has passed and the queue may not know of. The time of each is kept with it: a topic that is
 * made anew gives the same offsets to other messages.
 */
export class PassedOffsets {
  readonly #runs: Run[] = [];

  /** What it takes in memory: messages that were published in the same millisecond count once. */
  get size(): number {
    return this.#runs.length;
  }

  /** Offsets come in order; one that is there already changes nothing. */
  add(offset: bigint, timestampMs: number): void {
    const last = this.#runs.at(-1);
    if (last && offset < last.to) return;
    if (last?.timestampMs === timestampMs) last.to = offset + 1n;
    else this.#runs.push({ from: offset, to: offset + 1n, timestampMs });
  }

  /** Whether this message is among them. One that contradicts them is of another topic: they end before it. */
  has({ offset, timestampMs }: QueueRecord): boolean {
    const last = this.#runs.at(-1);
    if (!last || offset >= last.to) return false;
    const at = this.#firstBeyond(offset);
    const run = this.#runs[at] as Run;
    if (offset >= run.from && timestampMs === run.timestampMs) return true;
    if (offset >= run.from || at > 0) this.#cut(at, offset);
    return false;
  }

  /** The queue knows of all below. */
  forget(below: bigint): void {
    this.#runs.splice(0, this.#firstBeyond(below));
    const [first] = this.#runs;
    if (first && first.from < below) first.from = below;
  }

  /** Which of the runs is the first that ends behind this offset. */
  #firstBeyond(offset: bigint): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle] as Run).to > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #cut(at: number, offset: bigint): void {
    const run = this.#runs[at] as Run;
    const isBegun = run.from < offset;
    if (isBegun) run.to = offset;
    this.#runs.splice(isBegun ? at + 1 : at);
  }
}
