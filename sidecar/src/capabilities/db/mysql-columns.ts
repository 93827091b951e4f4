// What mysql2 reads → values of the platform, with nothing lost. The session's zone is UTC, and so is every moment.
import { BottleError, Code, losesDigits, type SqlColumn, SqlText, type SqlValue } from '@bottle/protos';
import mysql, { type FieldPacket } from 'mysql2';
import { textToDate, toDate, toDateTimeText, toTimeText } from './mysql-dates.ts';

/** Made by a getter, which a named import of CommonJS does not see. */
const { Types } = mysql;

/** "binary" among MySQL's character sets. */
const BINARY = 63;
/** Most digits of a second's fraction that a Date has. */
const DATE_DIGITS = 3;

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
  [Types.VECTOR]: 'vector',
};

interface Field extends FieldPacket {
  /** MariaDB's name for what travels as text. */
  extendedFormat?: string;
}

/** What a resource says about types that JavaScript has no exact value for. */
export interface ReadingOptions {
  /** What DATETIME and TIMESTAMP are. */
  dates: 'date' | 'text';
  /** What JSON is. */
  json: 'parsed' | 'text';
}

/** The columns of an answer, and how its rows are read. */
export interface ReadColumns {
  columns: readonly SqlColumn[];
  /** Turns values, in place, where mysql2's own are not the platform's. Throws `inexact-value`. */
  fix(row: unknown[]): SqlValue[];
}

/**
 * To be called before mysql2 reads a row: it is told to leave alone what it would lose something of. `isText`: the rows come
 * by the text protocol.
 */
export function readColumns(fields: readonly Field[], { dates, json }: ReadingOptions, isText: boolean): ReadColumns {
  const columns = fields.map((field) => ({ name: field.name, type: typeName(field) }));
  const fixes = columns.flatMap(({ name, type }, at) => {
    const digits = fields[at]?.decimals ?? 0;
    const fix = fixOf({ name, type, digits, isText }, { dates, json });
    return fix ? [{ at, fix }] : [];
  });
  for (const [at, field] of fields.entries()) leaveBare(field, columns[at]?.type, isText);
  return {
    columns,
    fix(row) {
      for (const { at, fix } of fixes) if (row[at] !== null) row[at] = fix(row[at] as never);
      return row as SqlValue[];
    },
  };
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

/** What mysql2 is to hand over as bytes. */
const BARE: ReadonlySet<string | undefined> = new Set(['geometry', 'vector']);
const BARE_IN_BINARY: ReadonlySet<string | undefined> = new Set(['datetime', 'timestamp', 'time']);

function leaveBare(field: Field, type: string | undefined, isText: boolean): void {
  if (!BARE.has(type) && (isText || !BARE_IN_BINARY.has(type))) return;
  field.columnType = Types.BLOB;
  field.characterSet = BINARY;
}

interface Column extends SqlColumn {
  /** Of a second's fraction. */
  digits: number;
  isText: boolean;
}

type Fix = (value: never) => SqlValue;

function fixOf({ name, type, digits, isText }: Column, { dates, json }: ReadingOptions): Fix | undefined {
  switch (type) {
    case 'bigint': // mysql2 makes text of what is no safe number
      return (value: number | string) => (typeof value === 'string' ? BigInt(value) : value);
    case 'decimal':
      return (value: string) => new SqlText('decimal', value);
    case 'float':
      if (!isText) return shortest;
      return () => {
        throw inexact(name, 'the server rounds FLOAT for a statement that cannot be prepared: cast it to DOUBLE');
      };
    case 'json':
      return json === 'text' ? undefined : (value: string) => toJson(name, value);
    case 'time':
      return isText ? undefined : (bytes: Buffer) => toTimeText(bytes, digits);
    case 'datetime':
    case 'timestamp':
      if (dates === 'date' && digits <= DATE_DIGITS)
        return isText
          ? (text: string) => textToDate(text) ?? noDate(name)
          : (bytes: Buffer) => toDate(bytes) ?? noDate(name);
      return isText ? undefined : (bytes: Buffer) => toDateTimeText(bytes, digits);
    default:
      return undefined;
  }
}

function noDate(column: string): never {
  throw inexact(
    column,
    'a date that is in no calendar is no Date: `dates: text` of the resource leaves dates as they are',
  );
}

function toJson(column: string, text: string): SqlText {
  if (!losesDigits(text)) return new SqlText('json', text);
  throw inexact(
    column,
    'JSON with a number of more digits than JavaScript has: `json: text` of the resource leaves it as it is',
  );
}

/** The shortest number that is the same in 32 bits: 1.1 rather than 1.100000023841858. */
function shortest(value: number): number {
  if (value === 0) return value;
  for (let digits = 6; digits <= 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

/** The statement has run: what it changed is changed. */
function inexact(column: string, why: string): BottleError {
  const details = { column, outcome: 'done' };
  return new BottleError(Code.FAILED_PRECONDITION, 'inexact-value', `column "${column}": ${why}`, { details });
}
