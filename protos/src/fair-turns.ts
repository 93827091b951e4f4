/**
 * Work that comes in thousands at once begins a few at a time, in the order in which it asked, with a turn of the event loop
 * for everything else in between.
 */
export class FairTurns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #next = 0;
  #isScheduled = false;

  /** `perTurn`: how many begin in one turn; together they should take no more than a few milliseconds. */
  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

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
      const end = Math.min(this.#next + this.#perTurn, this.#waiting.length);
      while (this.#next < end) this.#waiting[this.#next++]?.();
      if (this.#next < this.#waiting.length) return this.#schedule();
      this.#waiting.length = 0;
      this.#next = 0;
    });
  }
}
