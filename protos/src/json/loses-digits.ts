/** Shorter numbers are exact as doubles, or are what a double is written as. */
const LONG_NUMBER = /[\d.]{18}|\d[eE][+-]?\d{3}/;
/** Digits that tell every double from the others. */
const DOUBLE_DIGITS = 17;

/** Whether `parseExactJson` would lose something of a number: digits beyond those of a double, or all of it. */
export function losesDigits(text: string): boolean {
  if (!LONG_NUMBER.test(text)) return false;
  let loses = false;
  JSON.parse(text, ((_key: string, value: unknown, { source }: { source?: string }) => {
    if (typeof value === 'number' && source !== undefined) loses ||= isRounded(value, source);
    return value;
  }) as (key: string, value: unknown) => unknown);
  return loses;
}

function isRounded(value: number, source: string): boolean {
  if (/^-?\d+$/.test(source)) return false; // it becomes a bigint
  if (!Number.isFinite(value)) return true;
  const [digits, normal] = normalOf(source);
  return (digits.length > DOUBLE_DIGITS || value === 0) && normal !== normalOf(String(value))[1];
}

/** The significant digits of a number, and the one way to write it. */
function normalOf(number: string): [digits: string, normal: string] {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  const power = digits === '' ? 0 : Number(exponent) - fraction.length + all.length - digits.length;
  return [digits, `${digits}e${power}`];
}
