import { describe, expect, it } from 'vitest';
import { PassedOffsets } from './passed-offsets.ts';

function filled(messages: readonly (readonly [offset: number, timestampMs: number])[]): PassedOffsets {
  const passed = new PassedOffsets();
  for (const [offset, timestampMs] of messages) passed.add(BigInt(offset), timestampMs);
  return passed;
}
const has = (passed: PassedOffsets, offset: number, timestampMs: number): boolean =>
  passed.has({ partition: 0, offset: BigInt(offset), key: undefined, value: undefined, headers: [], timestampMs });

describe('offsets that were passed', () => {
  it('are known by offset and time, in one entry for each time', () => {
    const passed = filled([
      [0, 5],
      [1, 5],
      [3, 5],
      [4, 6],
      [4, 6],
    ]); // 2 was no message
    expect(passed.size).toBe(2);
    expect([0, 1, 3].every((offset) => has(passed, offset, 5))).toBe(true);
    expect([has(passed, 4, 6), has(passed, 5, 6)]).toEqual([true, false]);
  });
  it('are forgotten up to where the queue knows of them', () => {
    const passed = filled([
      [0, 5],
      [1, 5],
      [2, 6],
    ]);
    passed.forget(1n);
    expect([has(passed, 1, 5), has(passed, 2, 6), passed.size]).toEqual([true, true, 2]);
    passed.forget(9n);
    expect([has(passed, 2, 6), passed.size]).toEqual([false, 0]);
  });
  it('end before a message that contradicts them: its topic was made anew', () => {
    const passed = filled([
      [0, 5],
      [1, 5],
      [2, 5],
      [3, 6],
    ]);
    expect([has(passed, 0, 5), has(passed, 1, 9), has(passed, 2, 5), has(passed, 3, 6)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    passed.add(1n, 9);
    expect(has(passed, 1, 9)).toBe(true);
  });
  it('before the first of which a message stands are those of this topic still', () => {
    const passed = filled([
      [3, 5],
      [4, 5],
    ]);
    expect([has(passed, 2, 4), has(passed, 3, 5)]).toEqual([false, true]);
  });
});
