import type { Delivery } from './delivery.ts';

/** Entries that are dropped from the front at once. */
const COMPACT_AT = 1_024;

/**
 * Which messages may run now: one of each lane, and all without a lane, first come first served. A lane moves on when
 * its message is released. Messages of a closed window are dropped on the way, those of one that waits are set aside.
 */
export class WorkQueue {
  /** The last one of each lane, by partition. */
  readonly #lanes = new Map<number, Map<string, Delivery>>();
  #ready: Delivery[] = [];
  #aside: Delivery[] = [];
  #head = 0;
  #queued = 0;

  /** Messages that may run now; some may belong to closed windows. */
  get ready(): number {
    return this.#ready.length - this.#head;
  }

  /** Messages that wait for others of their lane. */
  get blocked(): number {
    return this.#queued - this.ready;
  }

  add(delivery: Delivery): void {
    this.#queued += 1;
    if (delivery.lane !== undefined) {
      const lanes = this.#lanesOf(delivery.window.partition);
      const last = lanes.get(delivery.lane);
      lanes.set(delivery.lane, delivery);
      if (last) {
        last.next = delivery;
        return;
      }
    }
    this.#ready.push(delivery);
  }

  /** The next one that may run; it keeps its lane until it is released. */
  take(): Delivery | undefined {
    for (;;) {
      const delivery = this.#ready[this.#head];
      if (!delivery) return undefined;
      this.#head += 1;
      if (this.#head === this.#ready.length || this.#head >= COMPACT_AT) {
        this.#ready = this.#ready.slice(this.#head);
        this.#head = 0;
      }
      this.#queued -= 1;
      const { isClosed, isHeld } = delivery.window;
      if (isClosed) this.release(delivery);
      else if (isHeld) this.#aside.push(delivery);
      else return delivery;
    }
  }

  /** Looks again at those that were set aside. */
  resume(): void {
    this.#queued += this.#aside.length;
    this.#ready.push(...this.#aside);
    this.#aside = [];
  }

  /** A message that was taken runs again; it still has its lane. */
  again(delivery: Delivery): void {
    this.#queued += 1;
    this.#ready.push(delivery);
  }

  /** It is over with a message that was taken: the next one of its lane may run. */
  release({ lane, next, window }: Delivery): void {
    if (next) this.#ready.push(next);
    else if (lane !== undefined) this.#lanes.get(window.partition)?.delete(lane);
  }

  #lanesOf(partition: number): Map<string, Delivery> {
    let lanes = this.#lanes.get(partition);
    if (!lanes) this.#lanes.set(partition, (lanes = new Map()));
    return lanes;
  }
}
