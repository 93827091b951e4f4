import { type BottleError, CallError, Code, SqlText, type SqlValue } from '@bottle/protos';
import { jsonOf } from '../json-of.ts';

/** Any value as a JSON document: made by `sql.json`. */
export class SqlJson {
  readonly text: string;

  constructor(value: unknown) {
    this.text = jsonOf(value);
  }
}

/**
 * What stands for a question mark. Plain objects and arrays become JSON, booleans 1 and 0; moments are in UTC.
 * There is no `undefined`: null is NULL.
 */
export type DbParameter = null | boolean | number | bigint | string | Date | Uint8Array | object;

/** Of dates that databases write with four digits. */
const MAX_YEAR = 9999;

/** Throws INVALID_ARGUMENT on what has no place in a database. */
export function toSqlValue(value: DbParameter | undefined): SqlValue {
  switch (typeof value) {
    case 'string':
      if (value.isWellFormed()) return value;
      throw badValue('half of a surrogate pair is no character that a database can hold');
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw badValue(`${value} is not a number that a database can hold`);
    case 'object':
      return value === null ? null : objectValue(value);
    default:
      throw badValue(
        value === undefined ? 'undefined is not a value: NULL is null' : `a ${typeof value} is not a value`,
      );
  }
}

export function toSqlValues(values: readonly (DbParameter | undefined)[]): SqlValue[] {
  return values.map(toSqlValue);
}

/** About how much room values take in a message. */
export function weightOf(values: readonly SqlValue[]): number {
  let weight = 0;
  for (const value of values) {
    if (typeof value === 'string' || value instanceof Uint8Array) weight += value.length + 8;
    else weight += value instanceof SqlText ? value.text.length + 8 : 12;
  }
  return weight;
}

function objectValue(value: object): SqlValue {
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw badValue('an invalid Date is not a value');
    const year = value.getUTCFullYear();
    if (year < 0 || year > MAX_YEAR) throw badValue(`a database has no dates of the year ${year}`);
    return value;
  }
  if (value instanceof SqlJson) return new SqlText('json', value.text);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) {
    const name = (value.constructor as { name?: string } | undefined)?.name ?? 'object';
    throw badValue(`a ${name} is not a value: only plain objects and arrays become JSON`);
  }
  return new SqlText('json', jsonOf(value));
}

function badValue(message: string): BottleError {
  return new CallError(Code.INVALID_ARGUMENT, 'bad-value', message);
}
