/**
 * Keys in the order in which they came, to be read page by page. A page costs what it holds, however many keys there are:
 * positions never change, and those of keys that went are given up together when they are more than half.
 */
export class KeyOrder {
  #positions: number[] = [];
  #keys: string[] = [];
  #next = 0;
  #gone = 0;

  /** The position that the next key gets. */
  get end(): number {
    return this.#next;
  }

  /** Returns where the key stands from now on. */
  add(key: string): number {
    this.#positions.push(this.#next);
    this.#keys.push(key);
    return this.#next++;
  }

  /** The key of some position has gone; `isThere` says so of all of them. */
  removed(isThere: (key: string, position: number) => boolean): void {
    this.#gone += 1;
    if (this.#gone * 2 <= this.#keys.length) return;
    const kept: number[] = [];
    this.#keys.forEach((key, at) => {
      if (isThere(key, this.#positions[at] ?? -1)) kept.push(at);
    });
    this.#keys = kept.map((at) => this.#keys[at] ?? '');
    this.#positions = kept.map((at) => this.#positions[at] ?? -1);
    this.#gone = 0;
  }

  /** Up to `count` keys from a position on, those that went included, and the position of the one after them. */
  page(from: number, count: number): { items: { key: string; position: number }[]; next: number } {
    const start = this.#indexOf(from);
    const items = this.#keys
      .slice(start, start + count)
      .map((key, at) => ({ key, position: this.#positions[start + at] ?? -1 }));
    return { items, next: this.#positions[start + count] ?? this.#next };
  }

  clear(): void {
    this.#positions = [];
    this.#keys = [];
    this.#gone = 0;
  }

  /** Of the first key that does not stand before a position. */
  #indexOf(position: number): number {
    let [low, high] = [0, this.#positions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#positions[middle] ?? position) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
