// What is under way of streamed results. HTTP/2 counts bytes too, but by itself it leaves to a reader that pauses a window in
// pieces of the socket's reads, which are larger than what is left in them.
//  1. Of each stream, no more than CREDIT_BYTES are sent that the sidecar has not said to have passed on.
//  2. A wait ends when it says so, when the stream is over, and when a session ends: then nobody says anything any more.

/** At least two pieces: one is sent while the other one is passed on. */
const CREDIT_BYTES = 68 * 1024;

/** What may be sent of one stream. */
export interface Credit {
  /** A promise when the writer is to wait before it sends so many bytes. */
  take(bytes: number): Promise<void> | undefined;
  /** The stream is over. */
  close(): void;
}

class CountedCredit implements Credit {
  readonly #onClose: () => void;
  #underWay = 0;
  #isOpen = true;
  #wake: (() => void) | undefined;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  take(bytes: number): Promise<void> | undefined {
    if (!this.#isOpen) return undefined;
    if (this.#fits(bytes)) {
      this.#underWay += bytes;
      return undefined;
    }
    return this.#untilItFits(bytes);
  }

  taken(bytes: number): void {
    this.#underWay = Math.max(0, this.#underWay - bytes);
    this.#wake?.();
  }

  close(): void {
    this.#isOpen = false;
    this.#wake?.();
    this.#onClose();
  }

  /** One that is larger than all of it goes when nothing else is under way. */
  #fits(bytes: number): boolean {
    return this.#underWay === 0 || this.#underWay + bytes <= CREDIT_BYTES;
  }

  async #untilItFits(bytes: number): Promise<void> {
    while (this.#isOpen && !this.#fits(bytes)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#underWay += bytes;
  }
}

export class StreamCredits {
  readonly #open = new Map<string, CountedCredit>();

  open(invocationId: string): Credit {
    const credit: CountedCredit = new CountedCredit(() => {
      if (this.#open.get(invocationId) === credit) this.#open.delete(invocationId);
    });
    this.#open.set(invocationId, credit);
    return credit;
  }

  /** The sidecar has passed so many bytes on. */
  taken(invocationId: string, bytes: number): void {
    this.#open.get(invocationId)?.taken(bytes);
  }

  /** From now on, HTTP/2 alone bounds the streams that there are. (2) */
  release(): void {
    for (const credit of this.#open.values()) credit.close();
  }
}
