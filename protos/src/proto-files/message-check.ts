import protobuf from 'protobufjs';

/** Throws TypeError, saying where, when plain data is not what a message's fields can hold. Keys it does not have are ignored. */
export type MessageCheck = (value: unknown, path: string) => void;

type FieldCheck = (value: unknown, path: string) => void;

const CHECKS: Readonly<Record<string, FieldCheck>> = {
  string: expecting('a string', (value) => typeof value === 'string'),
  bool: expecting('true or false', (value) => typeof value === 'boolean'),
  bytes: expecting('bytes', (value) => value instanceof Uint8Array || typeof value === 'string'),
  double: expecting('a number', isNumber),
  float: expecting('a number', isNumber),
};
const SIGNED_32 = expecting('a whole number of 32 bits', (value) => isWhole(value, -(2 ** 31), 2 ** 31 - 1));
const UNSIGNED_32 = expecting('a whole number of 32 bits from 0', (value) => isWhole(value, 0, 2 ** 32 - 1));
const INTEGER_64 = expecting(
  'a whole number, a bigint or one as text',
  (value) =>
    Number.isSafeInteger(value) ||
    typeof value === 'bigint' ||
    isLong(value) ||
    (typeof value === 'string' && /^-?\d+$/.test(value)),
);

/** The check of a message type; `known` has those that are made already, for types that contain themselves. */
export function messageCheck(type: protobuf.Type, known: Map<protobuf.Type, MessageCheck>): MessageCheck {
  const made = known.get(type);
  if (made) return made;
  const fields: { name: string; check: FieldCheck }[] = [];
  const check: MessageCheck = (value, path) => {
    if (!isPlain(value)) throw new TypeError(`${path}: expected a ${type.name}, got ${kindOf(value)}`);
    let hasNone = true;
    for (const { name, check: checkField } of fields) {
      const member = value[name];
      if (member !== undefined && member !== null) checkField(member, `${path}.${name}`);
      else if (!(name in value)) continue;
      hasNone = false;
    }
    if (hasNone && fields.length > 0 && Object.keys(value).length > 0) throw strange(value, path, fields);
  };
  known.set(type, check);
  for (const field of type.fieldsArray) fields.push({ name: field.name, check: fieldCheck(field, known) });
  return check;
}

function fieldCheck(field: protobuf.FieldBase, known: Map<protobuf.Type, MessageCheck>): FieldCheck {
  const { resolvedType, type } = field;
  const one =
    resolvedType instanceof protobuf.Type
      ? messageCheck(resolvedType, known)
      : resolvedType instanceof protobuf.Enum
        ? enumCheck(resolvedType)
        : (CHECKS[type] ?? integerCheck(type));
  if (field.map) {
    return (value, path) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new TypeError(`${path}: expected an object, got ${kindOf(value)}`);
      for (const [key, member] of Object.entries(value)) one(member, `${path}.${key}`);
    };
  }
  if (!field.repeated) return one;
  return (value, path) => {
    if (!Array.isArray(value)) throw new TypeError(`${path}: expected an array, got ${kindOf(value)}`);
    for (const [at, member] of value.entries()) one(member, `${path}.${at}`);
  };
}

function integerCheck(type: string): FieldCheck {
  if (type.endsWith('64')) return INTEGER_64;
  return type === 'uint32' || type === 'fixed32' ? UNSIGNED_32 : SIGNED_32;
}

function enumCheck({ name, values }: protobuf.Enum): FieldCheck {
  const names = Object.keys(values);
  return expecting(
    `one of ${name}: ${names.slice(0, 12).join(', ')}`,
    (value) => Number.isInteger(value) || (typeof value === 'string' && Object.hasOwn(values, value)),
  );
}

function expecting(what: string, holds: (value: unknown) => boolean): FieldCheck {
  return (value, path) => {
    if (!holds(value)) throw new TypeError(`${path}: expected ${what}, got ${kindOf(value)}`);
  };
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

/** What could be a message: not what has items, not a Date, not an error. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  if (Symbol.iterator in value || Symbol.asyncIterator in value) return false;
  return !(value instanceof Date) && !(value instanceof Error);
}

/** Nothing of it would arrive. */
function strange(value: object, path: string, fields: readonly { name: string }[]): TypeError {
  const [has, wants] = [Object.keys(value), fields.map(({ name }) => name)].map((names) =>
    names.slice(0, 8).join(', '),
  );
  return new TypeError(`${path}: none of its fields is there (${wants}), but ${has}`);
}

/** `long`'s objects, as the library itself makes them. */
function isLong(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'low' in value && 'high' in value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a Date';
  if (typeof value === 'object' && Symbol.asyncIterator in value) return 'a stream';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
