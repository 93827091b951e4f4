// Values of the platform ↔ values of mysql2. The session's zone is UTC, and so is every moment.
import { type SqlColumn, SqlText, type SqlValue } from '@bottle/protos';
import mysql, { type FieldPacket } from 'mysql2';

/** Made by getters, which a named import of CommonJS does not see. */
const { TypedParameter, Types } = mysql;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;
/** "binary" among MySQL's character sets. */
const BINARY = 63;

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

const NAMES: Readonly<Record<number, string>> = {
  [Types.DECIMAL]: 'decimal',
  [Types.NEWDECIMAL]: 'decimal',
  [Types.TINY]: 'tinyint',
  [Types.SHORT]: 'smallint',
  [Types.LONG]: 'int',
  [Types.INT24]: 'mediumint',
  [Types.LONGLONG]: 'bigint',
  [Types.FLOAT]: 'float',
  [Types.DOUBLE]: 'double',
  [Types.NULL]: 'null',
  [Types.TIMESTAMP]: 'timestamp',
  [Types.DATE]: 'date',
  [Types.NEWDATE]: 'date',
  [Types.TIME]: 'time',
  [Types.DATETIME]: 'datetime',
  [Types.YEAR]: 'year',
  [Types.BIT]: 'bit',
  [Types.JSON]: 'json',
  [Types.ENUM]: 'enum',
  [Types.SET]: 'set',
  [Types.GEOMETRY]: 'geometry',
};

interface Field extends FieldPacket {
  /** MariaDB's name for what travels as text. */
  extendedFormat?: string;
}

export function toSqlColumn(field: Field): SqlColumn {
  return { name: field.name, type: typeName(field) };
}

function typeName({ columnType = Types.NULL, characterSet, extendedFormat }: Field): string {
  if (extendedFormat === 'json') return 'json';
  const name = NAMES[columnType];
  if (name !== undefined) return name;
  const isText = characterSet !== BINARY;
  switch (columnType) {
    case Types.VARCHAR:
    case Types.VAR_STRING:
      return isText ? 'varchar' : 'varbinary';
    case Types.STRING:
      return isText ? 'char' : 'binary';
    default:
      return isText ? 'text' : 'blob';
  }
}

/** Turns values of some columns, in place, where mysql2's own are not the platform's. */
export type RowFix = (row: unknown[]) => SqlValue[];

/** `columns`: what toSqlColumn made of the fields. */
export function rowFixOf(columns: readonly SqlColumn[]): RowFix {
  const fixes = columns.flatMap(({ type }, at) => {
    const fix = FIXES[type];
    return fix ? [{ at, fix }] : [];
  });
  return (row) => {
    for (const { at, fix } of fixes) if (row[at] !== null) row[at] = fix(row[at]);
    return row as SqlValue[];
  };
}

const FIXES: Readonly<Record<string, (value: unknown) => SqlValue>> = {
  // mysql2 makes text of what is no safe number.
  bigint: (value) => (typeof value === 'string' ? BigInt(value) : (value as number)),
  decimal: (value) => new SqlText('decimal', value as string),
  json: (value) => new SqlText('json', value as string),
  geometry: (value) => new SqlText('json', JSON.stringify(value)),
};

/** About how many bytes a row takes in a message. */
export function sizeOfRow(row: readonly SqlValue[]): number {
  let size = 8 * row.length;
  for (const value of row) {
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
    else if (value instanceof SqlText) size += value.text.length;
  }
  return size;
}
