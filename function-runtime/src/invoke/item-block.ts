/** What small items of a stream have come to so far: text and bytes that will leave as one. */
export class ItemBlock {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #text = '';

  /** Bytes, or for what is text, characters. */
  get size(): number {
    return this.#bytes + this.#text.length;
  }

  add(piece: string | Uint8Array): void {
    if (typeof piece === 'string') {
      this.#text += piece;
      return;
    }
    this.#endText();
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Everything, in order; undefined when there is nothing. */
  take(): Uint8Array | undefined {
    this.#endText();
    const [first] = this.#pieces;
    const block = this.#pieces.length > 1 ? Buffer.concat(this.#pieces, this.#bytes) : first;
    this.#pieces = [];
    this.#bytes = 0;
    return block;
  }

  #endText(): void {
    if (this.#text === '') return;
    const piece = Buffer.from(this.#text);
    this.#text = '';
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }
}
