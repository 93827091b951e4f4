import { SqlText, type SqlValue } from '@bottle/protos';
import mysql from 'mysql2';

/** Made by a getter, which a named import of CommonJS does not see. */
const { TypedParameter } = mysql;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** What mysql2 sends for a parameter: numbers would all be doubles without a type. */
export function toMysql(value: SqlValue): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? TypedParameter.LONGLONG(value) : value;
  if (typeof value === 'bigint') {
    if (value >= MIN_INT64 && value <= MAX_INT64) return TypedParameter.LONGLONG(value);
    return value > 0n && value <= MAX_UINT64 ? TypedParameter.LONGLONG.unsigned(value) : String(value);
  }
  if (value instanceof SqlText) return value.text;
  if (value instanceof Uint8Array && !Buffer.isBuffer(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

/** About how many bytes a row takes in a message. */
export function sizeOfRow(row: readonly SqlValue[]): number {
  let size = 8 * row.length;
  for (const value of row) {
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
    else if (value instanceof SqlText) size += value.text.length;
  }
  return size;
}
