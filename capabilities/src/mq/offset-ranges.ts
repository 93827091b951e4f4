/** Offsets from `from` to `to`, the last one not included. */
export interface OffsetRange {
  from: bigint;
  to: bigint;
}

const RADIX = 36;
const VERSION = '1:';

/**
 * Finished offsets beyond a position as text, to be kept beside it: "1:3+2,1+1" is 3 unfinished, 2 finished, 1
 * unfinished, 1 finished. Ranges that do not fit into `maxLength` characters are left out: they come again.
 */
export function encodeAhead(next: bigint, ranges: readonly OffsetRange[], maxLength: number): string {
  let text = '';
  let at = next;
  for (const { from, to } of ranges) {
    const item = `${text === '' ? VERSION : ','}${(from - at).toString(RADIX)}+${(to - from).toString(RADIX)}`;
    if (text.length + item.length > maxLength) break;
    text += item;
    at = to;
  }
  return text;
}

/** The other way round. Text that somebody else wrote there means that nothing is known. */
export function decodeAhead(next: bigint, text: string): OffsetRange[] {
  if (!/^1:[0-9a-z]+\+[0-9a-z]+(,[0-9a-z]+\+[0-9a-z]+)*$/.test(text)) return [];
  let at = next;
  return text
    .slice(VERSION.length)
    .split(',')
    .map((item) => {
      const [gap = '0', length = '0'] = item.split('+');
      const from = at + parse(gap);
      at = from + parse(length);
      return { from, to: at };
    });
}

function parse(digits: string): bigint {
  let value = 0n;
  for (const digit of digits) value = value * BigInt(RADIX) + BigInt(Number.parseInt(digit, RADIX));
  return value;
}
