/** Bytes that a length prefix of `beginMessage` takes: lengths below 2^28. */
const LENGTH_BYTES = 4;

/** A writer that grew larger than this for one message shrinks again. */
const KEEP_BYTES = 1024 * 1024;

/**
 * Appends protocol-buffer fields to one growing buffer that is used again for every message.
 *
 * protobufjs walks an object tree, sizes it, then copies it; the channel's frames pass this code some hundred thousand
 * times a second, so it writes in one pass: nested messages get a padded length prefix (valid in the wire format)
 * that is filled in when the message ends.
 */
export class WireWriter {
  #buffer: Buffer;
  #position = 0;

  constructor(initialBytes = 16 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** A copy of what was written; the writer starts over. (The client library sends later than it serializes.) */
  finish(): Buffer {
    const message = Buffer.from(this.#buffer.subarray(0, this.#position));
    this.#position = 0;
    if (this.#buffer.length > KEEP_BYTES) this.#buffer = Buffer.allocUnsafeSlow(KEEP_BYTES);
    return message;
  }

  /** A varint field; 0 is the default and is left out. */
  uint32(field: number, value: number): void {
    if (value === 0) return;
    this.#reserve(11);
    this.#varint((field << 3) | 0);
    this.#varint(value >>> 0);
  }

  /** A packed repeated uint32 field; no elements are left out. */
  uint32Items(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    const start = this.beginMessage(field);
    this.#reserve(values.length * 5);
    for (const value of values) this.#varint(value);
    this.endMessage(start);
  }

  bool(field: number, value: boolean): void {
    if (value) this.uint32(field, 1);
  }

  /** A string field; '' is the default and is left out. */
  string(field: number, value: string): void {
    if (value.length > 0) this.stringItem(field, value);
  }

  /** One element of a repeated string field; '' is kept. */
  stringItem(field: number, value: string): void {
    const length = value.length;
    this.#reserve(length * 3 + 10);
    const buffer = this.#buffer;
    this.#varint((field << 3) | 2);
    const start = this.#position + varintBytes(length);
    const written = writeUtf8(buffer, value, start);
    if (varintBytes(written) !== start - this.#position) {
      buffer.copyWithin(this.#position + varintBytes(written), start, start + written);
    }
    this.#varint(written);
    this.#position += written;
  }

  /** A bytes field; no bytes is the default and is left out. */
  bytes(field: number, value: Uint8Array): void {
    if (value.length > 0) this.bytesItem(field, value);
  }

  /** A sint64 field, whatever its value: for members of a oneof. */
  sint64(field: number, value: number | bigint): void {
    this.#reserve(11);
    this.#varint((field << 3) | 0);
    if (typeof value === 'bigint') {
      const zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
      this.#varint64(Number(zigzag >> 32n), Number(zigzag & 0xffff_ffffn));
    } else {
      const sign = value < 0 ? 1 : 0;
      const half = value < 0 ? -value - 1 : value;
      this.#varint64(Math.floor(half / 0x8000_0000), (half % 0x8000_0000) * 2 + sign);
    }
  }

  /** A uint64 field; 0 is the default and is left out. */
  uint64(field: number, value: number | bigint): void {
    if (value <= 0xffff_ffff) return this.uint32(field, Number(value));
    this.#reserve(11);
    this.#varint((field << 3) | 0);
    const whole = BigInt(value);
    this.#varint64(Number(whole >> 32n), Number(whole & 0xffff_ffffn));
  }

  /** A double field, whatever its value: for members of a oneof. */
  double(field: number, value: number): void {
    this.#reserve(9);
    this.#buffer[this.#position] = (field << 3) | 1;
    this.#position = this.#buffer.writeDoubleLE(value, this.#position + 1);
  }

  /** A bytes field, even without bytes: for members of a oneof. */
  bytesItem(field: number, value: Uint8Array): void {
    this.#reserve(value.length + 10);
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#buffer.set(value, this.#position);
    this.#position += value.length;
  }

  /** Fields that are encoded already. */
  encoded(fields: Uint8Array): void {
    this.#reserve(fields.length);
    this.#buffer.set(fields, this.#position);
    this.#position += fields.length;
  }

  /** As beginMessage, for messages that are mostly shorter than 128 bytes; ends with `endShortMessage`. */
  beginShortMessage(field: number): number {
    this.#reserve(10);
    this.#varint((field << 3) | 2);
    this.#position += 1;
    return this.#position;
  }

  endShortMessage(start: number): void {
    const length = this.#position - start;
    const extra = varintBytes(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#buffer.copyWithin(start + extra, start, this.#position);
    }
    this.#position = start - 1;
    this.#varint(length);
    this.#position += length;
  }

  /** Opens a nested message; `endMessage` wants the position it returns. */
  beginMessage(field: number): number {
    this.#reserve(10);
    this.#varint((field << 3) | 2);
    this.#position += LENGTH_BYTES;
    return this.#position;
  }

  endMessage(start: number): void {
    const length = this.#position - start;
    const buffer = this.#buffer;
    buffer[start - 4] = (length & 0x7f) | 0x80;
    buffer[start - 3] = ((length >>> 7) & 0x7f) | 0x80;
    buffer[start - 2] = ((length >>> 14) & 0x7f) | 0x80;
    buffer[start - 1] = (length >>> 21) & 0x7f;
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    let rest = value;
    while (rest > 0x7f) {
      buffer[this.#position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[this.#position++] = rest;
  }

  /** Both halves as numbers from 0 to 2^32 - 1. */
  #varint64(high: number, low: number): void {
    if (high === 0) return this.#varint(low);
    const buffer = this.#buffer;
    let [upper, lower] = [high, low];
    while (upper > 0) {
      buffer[this.#position++] = (lower & 0x7f) | 0x80;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    this.#varint(lower);
  }

  #reserve(bytes: number): void {
    const needed = this.#position + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#position);
    this.#buffer = grown;
  }
}

function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** For short ASCII a loop beats the call into the engine; measured break-even is near 24 characters. */
function writeUtf8(buffer: Buffer, value: string, start: number): number {
  if (value.length > 24) return buffer.write(value, start, 'utf8');
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if (unit > 0x7f) return buffer.write(value, start, 'utf8');
    buffer[start + index] = unit;
  }
  return value.length;
}
