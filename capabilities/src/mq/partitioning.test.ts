import { describe, expect, it } from 'vitest';
import { murmur2, partitionOfKey } from './partitioning.ts';

describe('the hash of a key', () => {
  it('is that of the Java client (UtilsTest.testMurmur2)', () => {
    const known: Readonly<Record<string, number>> = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    };
    const hashes = Object.keys(known).map((key) => [key, murmur2(Buffer.from(key))]);
    expect(Object.fromEntries(hashes)).toEqual(known);
  });

  it('makes a partition that there is, for every key', () => {
    for (let at = 0; at < 1_000; at++) {
      const partition = partitionOfKey(Buffer.from(`key-${at}`), 7);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(7);
    }
  });
});
