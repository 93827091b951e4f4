/** Shorter numbers are exact, whatever their digits are. */
const LONG_NUMBER = /\d{16}/;

/** ES2026; TypeScript's libraries do not have it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * JSON.parse for what is only passed on or shown: JSON.stringify writes integers beyond 2^53 as they were, digit by digit.
 */
export function parseExactJson(text: string): unknown {
  const reviver = keepDigits as (key: string, value: unknown) => unknown;
  return LONG_NUMBER.test(text) ? JSON.parse(text, reviver) : JSON.parse(text);
}

function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
  return isRounded && source !== undefined && /^-?\d+$/.test(source) ? rawJSON(source) : value;
}
