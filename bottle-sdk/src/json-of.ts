import { CallError, Code, toJson } from '@bottle/protos';

/** A value as JSON, bigints with all their digits. Throws INVALID_ARGUMENT for what has no JSON form. */
export function jsonOf(value: unknown): string {
  const text = toJson(value);
  if (text !== undefined) return text;
  throw new CallError(Code.INVALID_ARGUMENT, 'not-json', `${typeof value} has no JSON form`);
}
