import { describe, expect, it } from 'vitest';
import { describeBytes, parseByteSize } from './byte-size.ts';

describe('parseByteSize', () => {
  it.each([
    ['5mb', 5_000_000],
    ['1.5 kB', 1_500],
    ['2MiB', 2_097_152],
    ['500000', 500_000],
    ['7b', 7],
    ['0mb', undefined],
    ['mb', undefined],
    ['-5mb', undefined],
    ['5 megabytes', undefined],
    ['', undefined],
  ])('reads %j as %s', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });
});

describe('describeBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [10_000_000, '10.0 MB'],
    [1_200_000_000, '1.2 GB'],
  ])('shows %d as %j', (bytes, text) => {
    expect(describeBytes(bytes)).toBe(text);
  });
});
