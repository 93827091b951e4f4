/**
 * Lets those that arrive together begin one after the other, each when the answer to the one before is on its way: an
 * answer is written at the end of a turn of the event loop, and leaves the process in the next.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** Undefined: at once. */
  take(): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    setImmediate(this.#onWritten);
    return undefined;
  }

  readonly #onWritten = (): void => void setImmediate(this.#onSent);

  readonly #onSent = (): void => {
    const next = this.#waiting.shift();
    if (!next) {
      this.#isTaken = false;
      return;
    }
    setImmediate(this.#onWritten);
    next();
  };
}
