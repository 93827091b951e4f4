import type { Delivery } from './delivery.ts';

/**
 * Which messages may run now: one of each lane, and all without a lane, first come first served. A lane moves on when
 * its message is released. Messages of a closed window are dropped on the way.
 */
export class WorkQueue {
  /** The last one of each lane. */
  readonly #lanes = new Map<string, Delivery>();
  #ready: Delivery[] = [];
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
    const { lane } = delivery;
    if (lane !== undefined) {
      const last = this.#lanes.get(lane);
      this.#lanes.set(lane, delivery);
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
      if (this.#head === this.#ready.length || this.#head >= 1_024) {
        this.#ready = this.#ready.slice(this.#head);
        this.#head = 0;
      }
      this.#queued -= 1;
      if (!delivery.entry.window.isClosed) return delivery;
      this.release(delivery);
    }
  }

  /** A message that was taken runs again; it still has its lane. */
  again(delivery: Delivery): void {
    this.#queued += 1;
    this.#ready.push(delivery);
  }

  /** It is over with a message that was taken: the next one of its lane may run. */
  release({ lane, next }: Delivery): void {
    if (next) this.#ready.push(next);
    else if (lane !== undefined) this.#lanes.delete(lane);
  }
}
