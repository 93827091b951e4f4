import { CallError, Code } from '@bottle/protos';
import { utf8Of } from '../utf8-of.ts';
import type { RawHeader } from '../triggers/mq-message.ts';

/** Text, bytes, or null for a header without a value; several under one name. */
export type HeaderValue = HeaderContent | readonly HeaderContent[];

type HeaderContent = string | Uint8Array | null;

/** Values by name, or pairs in order as `message.rawHeaders` has them. */
export type MessageHeaders = Readonly<Record<string, HeaderValue>> | readonly RawHeader[];

/** Throws INVALID_ARGUMENT `bad-header`. */
export function headerPairs(headers: MessageHeaders): RawHeader[] {
  // Code that no compiler has looked at gives other things.
  if (typeof (headers as unknown) !== 'object' || (headers as unknown) === null)
    throw new CallError(Code.INVALID_ARGUMENT, 'bad-header', 'headers are an object, or a list of pairs');
  if (isPairs(headers)) return headers.map(({ name, value }) => ({ name, value: toBytes(name, value) }));
  return Object.entries(headers).flatMap(([name, value]) =>
    (isList(value) ? value : [value]).map((one) => ({ name, value: toBytes(name, one) })),
  );
}

const isPairs = (headers: MessageHeaders): headers is readonly RawHeader[] => Array.isArray(headers);
const isList = (value: HeaderValue): value is readonly HeaderContent[] => Array.isArray(value);

function toBytes(name: unknown, value: unknown): Uint8Array | null {
  if (typeof name === 'string') {
    if (typeof value === 'string') return utf8Of(value, `header "${name}"`);
    if (value === null || value instanceof Uint8Array) return value;
  }
  const message = `header "${String(name)}" is ${typeof value}: expected text, bytes, null for no value, or a list of these`;
  throw new CallError(Code.INVALID_ARGUMENT, 'bad-header', message);
}
