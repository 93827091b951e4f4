// SQLite has five kinds of values; what a column means is in its declared type.
import type { SQLInputValue, SQLOutputValue, StatementColumnMetadata } from 'node:sqlite';
import { BottleError, Code, type SqlColumn, type SqlStatement, SqlText, type SqlValue } from '@bottle/protos/database';
import type { SqliteStatement } from './sqlite-orders.ts';

type Reader = (value: SQLOutputValue) => SqlValue;

const MAX_INT64 = 2n ** 63n - 1n;
/** Most digits of a second's fraction that a Date has. */
const DATE_DIGITS = 3;

export function toBound({ sql, parameters }: SqlStatement): SqliteStatement {
  return { sql, values: toBoundRow(parameters) };
}

export function toBoundRow(row: readonly SqlValue[]): SQLInputValue[] {
  return row.map(toSqlite);
}

/** A parameter as SQLite binds it. Dates are text in UTC, as CURRENT_TIMESTAMP is. */
function toSqlite(value: SqlValue): SQLInputValue {
  // As a double, 5 would become '5.0' in a text column.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'bigint') return assertInt64(value);
  if (value instanceof Date)
    return value
      .toISOString()
      .replace('T', ' ')
      .replace(/(\.000)?Z$/, '');
  if (value instanceof SqlText) return value.text;
  return value;
}

function assertInt64(value: bigint): bigint {
  if (value <= MAX_INT64 && value >= -MAX_INT64 - 1n) return value;
  throw new BottleError(Code.OUT_OF_RANGE, 'bad-value', `${value} does not fit the 64 bits of SQLite's integers`);
}

export function toSqlColumn({ name, type }: StatementColumnMetadata): SqlColumn {
  return { name, type: baseType(type) };
}

/** What turns values of a column into what MySQL would answer for that type. */
export function readerOf({ type }: StatementColumnMetadata): Reader {
  switch (baseType(type)) {
    case 'decimal':
    case 'numeric':
    case 'dec':
      return decimalReader(/,\s*(\d+)\s*\)/.exec(type ?? '')?.[1]);
    case 'datetime':
    case 'timestamp':
      if (Number(/\((\d)\)/.exec(type ?? '')?.[1] ?? 0) > DATE_DIGITS) return readAny;
      return (value) => (typeof value === 'string' ? (toDate(value) ?? value) : readAny(value));
    case 'date':
      return (value) => (typeof value === 'string' ? value.slice(0, 10) : readAny(value));
    case 'json':
      return (value) => (value === null || typeof value === 'object' ? readAny(value) : jsonText(value));
    default:
      return readAny;
  }
}

function readAny(value: SQLOutputValue): SqlValue {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** SQLite keeps decimals as doubles: the scale of the declaration brings back "12.50". */
function decimalReader(scale: string | undefined): Reader {
  return (value) => {
    if (typeof value === 'string') return new SqlText('decimal', value);
    if (typeof value !== 'bigint' && typeof value !== 'number') return value;
    const digits = Number(scale ?? 0);
    if (typeof value === 'number') return new SqlText('decimal', scale ? value.toFixed(digits) : String(value));
    return new SqlText('decimal', digits > 0 ? `${value}.${'0'.repeat(digits)}` : String(value));
  };
}

/** A column of type JSON has numeric affinity: documents that are numbers are kept as numbers. */
function jsonText(value: string | number | bigint): SqlText {
  return new SqlText('json', String(value));
}

/** Undefined for what a Date would lose something of: it stays text. */
function toDate(text: string): Date | undefined {
  const [, day, time = '00:00:00'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,3}0*)?)?))?Z?$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = new Date(`${day}T${time}Z`);
  return date.getUTCDate() === Number(day.slice(8)) ? date : undefined; // 30 February is no day
}

function baseType(type: string | null): string {
  return (type ?? '').replace(/\(.*$/s, '').trim().toLowerCase();
}

/** About how much memory a row takes in a message. */
export function sizeOfRow(row: readonly SqlValue[]): number {
  let size = 8 * row.length;
  for (const value of row) {
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
    else if (value instanceof SqlText) size += value.text.length;
  }
  return size;
}
