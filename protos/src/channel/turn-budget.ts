/** Does work at once while there is little of it; what is more, in the turns of the event loop that follow, in its order. */
export class TurnBudget {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #next = 0;
  #done = 0;
  #isScheduled = false;

  /** `perTurn`: how much is done in one turn. */
  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  run(work: () => void): void {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(this.#onTurn);
    }
    if (this.#done === this.#perTurn || this.#waiting.length > 0) this.#waiting.push(work);
    else {
      this.#done += 1;
      work();
    }
  }

  readonly #onTurn = (): void => {
    this.#done = 0;
    if (this.#waiting.length === 0) {
      this.#isScheduled = false;
      return;
    }
    setImmediate(this.#onTurn);
    for (; this.#done < this.#perTurn && this.#next < this.#waiting.length; this.#done++)
      this.#waiting[this.#next++]?.();
    if (this.#next < this.#waiting.length) return;
    this.#waiting.length = 0;
    this.#next = 0;
  };
}
