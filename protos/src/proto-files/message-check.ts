import protobuf from 'protobufjs';

/**
 * Plain data as the library takes it: own keys alone, a Map as an object. Throws TypeError, saying where, for what a message's
 * fields cannot hold. Keys that the message does not have are ignored.
 */
export type MessageCheck = (value: unknown, path: string, depth: number) => object;

type FieldCheck = (value: unknown, path: string, depth: number) => unknown;

const SCALARS: Readonly<Record<string, FieldCheck>> = {
  string: expecting('a string', (value) => typeof value === 'string', wellFormed),
  bool: expecting('true or false', (value) => typeof value === 'boolean'),
  bytes: expecting('bytes, or base64', (value) => value instanceof Uint8Array || isBase64(value)),
  double: expecting('a number', isNumber),
  float: expecting('a number that a float can hold', (value) => isNumber(value) && !isBeyondFloat(value)),
  int32: expecting('a whole number of 32 bits', (value) => isWhole(value, -(2 ** 31), 2 ** 31 - 1)),
  uint32: expecting('a whole number of 32 bits from 0', (value) => isWhole(value, 0, 2 ** 32 - 1)),
  int64: integer64(-(2n ** 63n), 2n ** 63n - 1n),
  uint64: integer64(0n, 2n ** 64n - 1n),
};
const SAME_RANGE: Readonly<Record<string, string>> = {
  sint32: 'int32',
  sfixed32: 'int32',
  fixed32: 'uint32',
  sint64: 'int64',
  sfixed64: 'int64',
  fixed64: 'uint64',
};
/** With padding or without, in either alphabet. */
const BASE64 = /^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/;
/** As deep as other libraries read. */
const MAX_DEPTH = 100;
/** What rounds to infinity: halfway between the largest float and the next power of two. */
const BEYOND_FLOAT = 2 ** 128 - 2 ** 103;

/** The check of a message type; `known` has those that are made already, for types that contain themselves. */
export function messageCheck(type: protobuf.Type, known: Map<protobuf.Type, MessageCheck>): MessageCheck {
  const made = known.get(type);
  if (made) return made;
  const fields: { name: string; oneof: string | undefined; check: FieldCheck }[] = [];
  const check: MessageCheck = (value, path, depth) => {
    if (depth > MAX_DEPTH) throw new TypeError(`${type.name}: deeper than ${MAX_DEPTH} messages, or in itself`);
    if (!isPlain(value)) throw new TypeError(`${path}: expected a ${type.name}, got ${kindOf(value)}`);
    const message: Record<string, unknown> = Object.create(null);
    const chosen = new Map<string, string>();
    let hasNone = true;
    for (const { name, oneof, check: checkField } of fields) {
      const member = memberOf(value, name);
      if (member === undefined && !Object.hasOwn(value, name)) continue;
      hasNone = false;
      if (member === undefined || member === null) continue;
      message[name] = checkField(member, `${path}.${name}`, depth + 1);
      if (oneof === undefined) continue;
      const other = chosen.get(oneof);
      if (other !== undefined) throw new TypeError(`${path}: expected one of ${oneof}, got ${other} and ${name}`);
      chosen.set(oneof, name);
    }
    if (hasNone && fields.length > 0 && Object.keys(value).length > 0) throw strange(value, path, fields);
    return message;
  };
  known.set(type, check);
  for (const field of type.fieldsArray) {
    const oneof = field.partOf && !field.partOf.isProto3Optional ? field.partOf.name : undefined;
    fields.push({ name: field.name, oneof, check: fieldCheck(field, known) });
  }
  return check;
}

/** What an object has of that name, and not what every object has: a field may be called "constructor". */
function memberOf(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(value, name) ? undefined : value[name];
}

function fieldCheck(field: protobuf.FieldBase, known: Map<protobuf.Type, MessageCheck>): FieldCheck {
  const { resolvedType, type } = field;
  const one =
    resolvedType instanceof protobuf.Type
      ? messageCheck(resolvedType, known)
      : resolvedType instanceof protobuf.Enum
        ? enumCheck(resolvedType)
        : scalarCheck(type);
  if (field instanceof protobuf.MapField) return mapCheck(keyCheck(field.keyType), one);
  if (!field.repeated) return one;
  return (value, path, depth) => {
    if (!Array.isArray(value)) throw new TypeError(`${path}: expected an array, got ${kindOf(value)}`);
    return Array.from(value, (member: unknown, at) => one(member, `${path}.${at}`, depth));
  };
}

function mapCheck(ofKey: FieldCheck, ofValue: FieldCheck): FieldCheck {
  return (value, path, depth) => {
    if (!(value instanceof Map) && !isPlain(value))
      throw new TypeError(`${path}: expected an object or a Map, got ${kindOf(value)}`);
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    const map: Record<string, unknown> = Object.create(null);
    for (const [key, member] of entries)
      map[String(ofKey(key, `${path}, key`, depth))] = ofValue(member, `${path}.${String(key)}`, depth);
    return map;
  };
}

/** Keys of objects are texts, also where they stand for a number, or for true or false. */
function keyCheck(type: string): FieldCheck {
  const check = scalarCheck(type);
  const given = type.endsWith('32') ? numberOf : type === 'bool' ? truthOf : (key: unknown) => key;
  return (key, path, depth) => check(given(key), path, depth);
}

function numberOf(key: unknown): unknown {
  return typeof key === 'string' && /^-?\d{1,10}$/.test(key) ? Number(key) : key;
}

function truthOf(key: unknown): unknown {
  return key === 'true' || key === 'false' ? key === 'true' : key;
}

function scalarCheck(type: string): FieldCheck {
  const check = SCALARS[SAME_RANGE[type] ?? type];
  if (check) return check;
  throw new TypeError(`no scalar is called ${type}`);
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

/** A number, a bigint, a text or one of `long`'s objects, as the library itself makes them. */
function integer64(min: bigint, max: bigint): FieldCheck {
  return expecting(`a whole number from ${min} to ${max}`, (value) => {
    const exact = exactOf(value);
    return exact !== undefined && exact >= min && exact <= max;
  });
}

function exactOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  if (typeof value !== 'object' || value === null || !('low' in value && 'high' in value)) return undefined;
  const { low, high } = value;
  if (!isWhole(low, -(2 ** 31), 2 ** 32 - 1) || !isWhole(high, -(2 ** 31), 2 ** 32 - 1)) return undefined;
  const bits = (BigInt(high) << 32n) | BigInt(low >>> 0);
  return 'unsigned' in value && value.unsigned === true ? BigInt.asUintN(64, bits) : bits;
}

function enumCheck({ name, values }: protobuf.Enum): FieldCheck {
  const names = Object.keys(values);
  return expecting(`one of ${name}: ${names.slice(0, 12).join(', ')}`, (value) => {
    if (typeof value === 'string') return Object.hasOwn(values, value);
    return Number.isInteger(value) && (value as number) === ((value as number) | 0);
  });
}

/** Refuses what does not hold, and where `complain` says more of it, that. */
function expecting(
  what: string,
  holds: (value: unknown) => boolean,
  complain: (value: unknown) => string | undefined = () => undefined,
): FieldCheck {
  return (value, path) => {
    if (!holds(value)) throw new TypeError(`${path}: expected ${what}, got ${kindOf(value)}`);
    const complaint = complain(value);
    if (complaint !== undefined) throw new TypeError(`${path}: ${complaint}`);
    return value;
  };
}

/** UTF-8 has no place for half of a surrogate pair: it would arrive as another character. */
function wellFormed(value: unknown): string | undefined {
  return (value as string).isWellFormed() ? undefined : 'half of a character (a surrogate without the other)';
}

function isNumber(value: unknown): value is number | string {
  return typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}

function isBeyondFloat(value: number | string): boolean {
  return Number.isFinite(value) && Math.abs(value as number) >= BEYOND_FLOAT;
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && BASE64.test(value);
}

/** What could be a message: an object or an instance of a class; not what has items, and nothing built in, such as a promise. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  if (Symbol.iterator in value || Symbol.asyncIterator in value) return false;
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** Nothing of it would arrive. */
function strange(value: object, path: string, fields: readonly { name: string }[]): TypeError {
  const [has, wants] = [Object.keys(value), fields.map(({ name }) => name)].map((names) =>
    names.slice(0, 8).join(', '),
  );
  return new TypeError(`${path}: none of its fields is there (${wants}), but ${has}`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a Date';
  if (typeof value === 'object' && Symbol.asyncIterator in value) return 'a stream';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
