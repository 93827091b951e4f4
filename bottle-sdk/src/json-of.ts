import { CallError, Code, toJson } from '@bottle/protos';

/**
 * A value as JSON, bigints with all their digits. Throws INVALID_ARGUMENT (`not-json`) for what has no JSON form, or is in itself;
 * `hint` says what to do instead.
 */
export function jsonOf(value: unknown, hint = ''): string {
  const text = attempt(value);
  if (text !== undefined) return text;
  const more = hint === '' ? '' : `; ${hint}`;
  throw new CallError(Code.INVALID_ARGUMENT, 'not-json', `${typeof value} has no JSON form${more}`);
}

function attempt(value: unknown): string | undefined {
  try {
    return toJson(value);
  } catch (cause) {
    const why = cause instanceof TypeError && /circular/i.test(cause.message) ? 'it is in itself' : String(cause);
    throw new CallError(Code.INVALID_ARGUMENT, 'not-json', `the value has no JSON form: ${why}`, { cause });
  }
}
