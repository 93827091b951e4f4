import { describe, expect, it } from 'vitest';
import { charsetOf, decodeDocument, decodeText } from './decode-text.ts';
import { fieldText, urlencodedFields } from './percent-decoding.ts';

/** Numbers below a bound, the same in each run: https://en.wikipedia.org/wiki/Xorshift */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const textOrReason = (decode: () => string): string => {
  try {
    return `text ${decode()}`;
  } catch (error) {
    return (error as { reason?: string }).reason ?? 'malformed-text';
  }
};
/** Bytes that are often pieces of characters, and byte order marks. */
const PIECES = ['a', 'ü', '日', '😀', '\ufeff', '\u0000'].map((text) => Buffer.from(text));

describe('bytes as text', () => {
  it.each(['utf-8', 'UTF8', 'utf-16le', 'iso-8859-1', 'shift_jis', 'gb18030', 'euc-kr'])(
    'are what the platform’s decoder makes of them, or refused: %s',
    (charset) => {
      const random = randomOf(7);
      const reasons = new Set<string>();
      for (let run = 0; run < 2_000; run++) {
        const whole = Buffer.concat(
          Array.from({ length: random(8) }, () => PIECES[random(PIECES.length)] ?? Buffer.alloc(0)),
        );
        const bytes = random(2) === 0 ? whole : whole.subarray(random(3), whole.length - random(3));
        const oracle = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
        const expected = textOrReason(() => oracle.decode(bytes));
        expect(textOrReason(() => decodeText(bytes, 'it', charset))).toBe(expected);
        const document = textOrReason(() => decodeDocument(bytes, 'it', charset));
        expect(document).toBe(expected.replace(/^text \ufeff/, 'text '));
        reasons.add(expected.startsWith('text') ? 'text' : expected);
      }
      expect([...reasons]).toContain('text');
    },
  );
  it('of a charset that nobody knows are refused with its name', () => {
    expect(() => decodeText(Buffer.from('a'), 'it', 'klingon')).toThrow(
      'it has the charset "klingon", which nobody knows',
    );
  });
  it('have the charset of their type', () => {
    expect(['text/plain', 'text/plain; charset=Latin1', 'text/plain;format=x; CHARSET="utf-8"'].map(charsetOf)).toEqual(
      ['utf-8', 'Latin1', 'utf-8'],
    );
  });
});

it('fields of forms are what URLSearchParams makes of them, or refused where it replaces something', () => {
  const random = randomOf(11);
  // In ASCII: of a raw character beside a percent sign without digits, that of Node.js makes U+FFFD, against its standard.
  const parts = ['a', '=', '&', '+', '%', '%4', '%41', '%C3%BC', '%c3', '%00', '==', '&&', '%F0%9F%98%80', '%EF%BB%BF'];
  let refused = 0;
  for (let run = 0; run < 5_000; run++) {
    const text = `x${Array.from({ length: random(12) }, () => parts[random(parts.length)]).join('')}`;
    const pairs = [...new URLSearchParams(text)];
    const isReplaced = pairs.flat().some((piece) => piece.includes('\ufffd'));
    const read = (): string =>
      JSON.stringify(
        Array.from(urlencodedFields(Buffer.from(text).toString('latin1')), (pair) =>
          pair.map((bytes) => fieldText(bytes, 'utf-8')),
        ),
      );
    expect([text, textOrReason(read)]).toEqual([text, isReplaced ? 'malformed-text' : `text ${JSON.stringify(pairs)}`]);
    if (isReplaced) refused += 1;
  }
  expect(refused).toBeGreaterThan(100);
});
