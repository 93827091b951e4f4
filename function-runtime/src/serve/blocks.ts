import type { FairTurns, WriteFlow } from '@bottle/protos';

/** A block is sent when it has so many bytes; larger pieces go as they are. */
const BLOCK_BYTES = 16 * 1024;

/**
 * Small pieces of a stream as blocks: what is written in one turn of the event loop leaves together at the end of it, so
 * that a row is no message of its own, and an event does not wait for the next one.
 */
export class Blocks {
  readonly #write: (block: Buffer) => boolean;
  readonly #flow: WriteFlow;
  readonly #turns: FairTurns;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #flushing: NodeJS.Immediate | undefined;
  #isFull = false;

  /** `write` answers whether there is room for more; `turns` are those of all streams: a block of one in each. */
  constructor(options: { write: (block: Buffer) => boolean; flow: WriteFlow; turns: FairTurns }) {
    this.#write = options.write;
    this.#flow = options.flow;
    this.#turns = options.turns;
  }

  /** A promise when the writer is to wait: the other side is slow, or others are to have a turn. */
  add(piece: Uint8Array): Promise<void> | undefined {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes >= BLOCK_BYTES) {
      this.flush();
      return this.#untilNextTurn();
    }
    this.#flushing ??= setImmediate(() => this.flush());
    return this.#isFull ? this.#untilNextTurn() : undefined;
  }

  /** Sends what there is. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const [first, ...more] = this.#pieces;
    if (!first) return;
    const block = more.length === 0 ? viewOf(first) : Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    if (!this.#write(block)) this.#isFull = true;
  }

  /** Nobody is there to get it. */
  drop(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    this.#pieces = [];
    this.#bytes = 0;
  }

  async #untilNextTurn(): Promise<void> {
    if (this.#isFull) await this.#flow.untilWritable();
    this.#isFull = false;
    await this.#turns.wait();
  }
}

/** The same memory. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
