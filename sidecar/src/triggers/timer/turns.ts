// Thousands of schedules may be due in the same millisecond. They begin a few at a time, with a turn of the event loop for
// requests in between, in the order in which they asked.

/** What begins in one turn: about two milliseconds of work. */
const PER_TURN = 8;

export class Turns {
  readonly #waiting: (() => void)[] = [];
  #next = 0;
  #isScheduled = false;

  /** Resolves when it is one's turn. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  /** Starts the work for each in its turn; resolves with all results when the last one is done. */
  all<Item, Result>(items: readonly Item[], work: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
    return Promise.all(items.map((item, index) => this.wait().then(() => work(item, index))));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const end = Math.min(this.#next + PER_TURN, this.#waiting.length);
      while (this.#next < end) this.#waiting[this.#next++]?.();
      if (this.#next < this.#waiting.length) return this.#schedule();
      this.#waiting.length = 0;
      this.#next = 0;
    });
  }
}
