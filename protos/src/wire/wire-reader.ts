/** Reads protocol-buffer fields off one message. Throws RangeError on a message that is cut short or malformed. */
export class WireReader {
  readonly #buffer: Buffer;
  #position: number;
  #end: number;
  /** Field number of the tag read last. */
  field = 0;
  #wireType = 0;
  /** The upper 32 bits of the varint read last. */
  #high = 0;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.#wireType = tag & 7;
    if (this.field === 0) throw new RangeError('field number 0');
    return true;
  }

  uint32(): number {
    if (this.#wireType !== 0) throw new RangeError(`field ${this.field}: expected a varint`);
    return this.#varint();
  }

  /** Elements of a repeated uint32 field, packed or one by one. */
  uint32Items(into: number[]): void {
    if (this.#wireType === 0) {
      into.push(this.#varint());
      return;
    }
    const outer = this.enter();
    while (this.#position < this.#end) into.push(this.#varint());
    this.leave(outer);
  }

  /** A uint64, as a bigint where a number would lose digits. */
  uint64(): number | bigint {
    const low = this.uint32();
    const high = this.#high;
    const value = high * 0x1_0000_0000 + low;
    return high < 0x20_0000 ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  /** A sint64, as a bigint where a number would lose digits. */
  sint64(): number | bigint {
    const low = this.uint32();
    const high = this.#high;
    if (high === 0) return low & 1 ? -((low >>> 1) + 1) : low >>> 1;
    if (high < 0x20_0000) {
      const half = Math.floor((high * 0x1_0000_0000 + low) / 2);
      return low & 1 ? -half - 1 : half;
    }
    const zigzag = (BigInt(high) << 32n) | BigInt(low);
    const value = (zigzag >> 1n) ^ -(zigzag & 1n);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  double(): number {
    if (this.#wireType !== 1) throw new RangeError(`field ${this.field}: expected 64 bits`);
    this.#advance(8);
    return this.#buffer.readDoubleLE(this.#position - 8);
  }

  bool(): boolean {
    return this.uint32() !== 0;
  }

  string(): string {
    const length = this.#length();
    const start = this.#position;
    this.#position += length;
    return this.#buffer.toString('utf8', start, start + length);
  }

  /** A view of the message's own memory. */
  bytes(): Buffer {
    const length = this.#length();
    const start = this.#position;
    this.#position += length;
    return this.#buffer.subarray(start, start + length);
  }

  message(): WireReader {
    const length = this.#length();
    const start = this.#position;
    this.#position += length;
    return new WireReader(this.#buffer, start, start + length);
  }

  /** Goes on inside the nested message; `leave` wants what it returns. Cheaper than a reader of its own. */
  enter(): number {
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#position + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
  }

  /** Passes over a field this version does not know. */
  skip(): void {
    if (this.#wireType === 0) this.#varint();
    else if (this.#wireType === 2) this.#advance(this.#length());
    else if (this.#wireType === 1) this.#advance(8);
    else if (this.#wireType === 5) this.#advance(4);
    else throw new RangeError(`field ${this.field}: wire type ${this.#wireType}`);
  }

  #advance(bytes: number): void {
    if (bytes > this.#end - this.#position) throw new RangeError('message cut short');
    this.#position += bytes;
  }

  #length(): number {
    if (this.#wireType !== 2) throw new RangeError(`field ${this.field}: expected a length`);
    const length = this.#varint();
    if (length > this.#end - this.#position) throw new RangeError('message cut short');
    return length;
  }

  /** Up to ten bytes, the lower 32 bits of the value; the upper ones are in `#high`. */
  #varint(): number {
    let result = 0;
    this.#high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#position >= this.#end) throw new RangeError('message cut short');
      const byte = this.#buffer[this.#position++] as number;
      if (shift < 32) result |= (byte & 0x7f) << shift;
      if (shift === 28) this.#high = (byte & 0x7f) >>> 4;
      else if (shift > 28) this.#high = (this.#high | ((byte & 0x7f) << (shift - 32))) >>> 0;
      if (byte < 0x80) return result >>> 0;
    }
    throw new RangeError('varint longer than ten bytes');
  }
}
