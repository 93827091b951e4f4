import { Readable } from 'node:stream';

/** Larger bodies are not kept, and so not sent twice. */
const MAX_KEPT_BYTES = 256 * 1024;

/** A body that streams, and that a redirect may ask for again as long as it is small. */
export class ReplayableBody {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #onProgress: () => void;
  #kept: Uint8Array[] | undefined = [];
  #keptBytes = 0;
  #ended = false;
  #reader: Readable | undefined;
  #pulling: Promise<Uint8Array | undefined> | undefined;

  constructor(source: AsyncIterable<Uint8Array>, onProgress: () => void) {
    this.#source = source[Symbol.asyncIterator]();
    this.#onProgress = onProgress;
  }

  /** Whether it can be read once more from its beginning. */
  get isReplayable(): boolean {
    return this.#kept !== undefined;
  }

  /** From its beginning. Whoever read it before is cut off. */
  read(): Readable {
    this.#reader?.destroy();
    this.#reader = Readable.from(this.#chunks(), { objectMode: false });
    return this.#reader;
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; at++) {
      const kept = this.#kept?.[at];
      if (kept) yield kept;
      else if (this.#ended) return;
      else {
        // A reader that was left may still wait for this chunk: it is pulled once for both.
        this.#pulling ??= this.#pull();
        const chunk = await this.#pulling;
        if (chunk) yield chunk;
      }
    }
  }

  async #pull(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#source.next();
      if (next.done) {
        this.#ended = true;
        return undefined;
      }
      this.#onProgress();
      this.#keptBytes += next.value.length;
      if (this.#keptBytes > MAX_KEPT_BYTES) this.#kept = undefined;
      else this.#kept?.push(next.value);
      return next.value;
    } finally {
      this.#pulling = undefined;
    }
  }
}
