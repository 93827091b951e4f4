import { describe, expect, it } from 'vitest';
import { decodeAhead, encodeAhead } from './offset-ranges.ts';

describe('offsets that are finished beyond a position', () => {
  it('come back as they were written', () => {
    const next = 9_007_199_254_740_993n;
    const ranges = [
      { from: next + 1n, to: next + 2n },
      { from: next + 40n, to: next + 1_000n },
    ];
    const text = encodeAhead(next, ranges, 4_000);
    expect(text).toBe('1:1+1,12+qo');
    expect(decodeAhead(next, text)).toEqual(ranges);
    expect(decodeAhead(next, encodeAhead(next, [], 4_000))).toEqual([]);
  });
  it('are left out from where they are too long', () => {
    const ranges = Array.from({ length: 5_000 }, (_, at) => ({ from: BigInt(at * 2 + 1), to: BigInt(at * 2 + 2) }));
    const text = encodeAhead(0n, ranges, 4_000);
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(decodeAhead(0n, text)).toEqual(ranges.slice(0, decodeAhead(0n, text).length));
    expect(decodeAhead(0n, text).length).toBeGreaterThan(900);
  });
  it('are none where somebody else wrote a text of his own', () => {
    for (const text of ['', 'consumer-1', '1:', '2:1+1', '1:1+', '1:1+1,', '{"a":1}'])
      expect(decodeAhead(7n, text)).toEqual([]);
  });
});
