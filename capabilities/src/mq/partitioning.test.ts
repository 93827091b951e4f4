import { describe, expect, it } from 'vitest';
import { murmur2, partitionOfKey } from './partitioning.ts';

describe('the hash of a key', () => {
  it('is that of the Java client (UtilsTest.testMurmur2)', () => {
    const known = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    };
    for (const [key, hash] of Object.entries(known)) expect(murmur2(Buffer.from(key)), key).toBe(hash);
  });

  it('makes a partition that there is, for every key', () => {
    for (let at = 0; at < 1_000; at++) {
      const partition = partitionOfKey(Buffer.from(`key-${at}`), 7);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(7);
    }
  });
});
