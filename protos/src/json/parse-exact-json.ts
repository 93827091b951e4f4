/** Shorter numbers are exact, whatever their digits are. */
const LONG_NUMBER = /\d{16}/;

/**
 * JSON.parse that loses no digit of an integer: those beyond 2^53 become bigints, which `toJson` writes as they were. For
 * JSON that passes through, and for what a database keeps; what else a function gets is parsed as everybody parses it.
 */
export function parseExactJson(text: string): unknown {
  return LONG_NUMBER.test(text)
    ? JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
    : JSON.parse(text);
}

/** ES2026 gives a reviver the source text; TypeScript's libraries do not know it yet. */
function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
