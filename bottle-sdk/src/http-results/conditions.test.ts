import { describe, expect, it } from 'vitest';
import { rangeOf } from './byte-range.ts';
import { weakEtagOf } from './etag.ts';
import { evaluateConditions, type HeaderOf, isRangeWanted } from './preconditions.ts';

const MONDAY = 'Mon, 06 Jan 2025 10:00:00 GMT';
const TUESDAY = 'Tue, 07 Jan 2025 10:00:00 GMT';
const headers =
  (given: Record<string, string>): HeaderOf =>
  (name) =>
    given[name] ?? '';

describe('weakEtagOf', () => {
  it('is the same for the same bytes alone', () => {
    expect(weakEtagOf(Buffer.from('a'))).toMatch(/^W\/"1-[\w-]{22}"$/);
    expect(weakEtagOf(Buffer.from('a'))).toBe(weakEtagOf(new Uint8Array([97])));
    expect(weakEtagOf(Buffer.from('a'))).not.toBe(weakEtagOf(Buffer.from('b')));
  });
});

describe('conditions', () => {
  const evaluate = (given: Record<string, string>, etag = '"a"', lastModified = MONDAY): string => {
    try {
      return evaluateConditions(headers(given), { etag, lastModified });
    } catch (error) {
      return String((error as { httpStatus: number }).httpStatus);
    }
  };
  it.each([
    ['"a"', 'not-modified'],
    ['W/"a"', 'not-modified'],
    ['"b", W/"a" , "c"', 'not-modified'],
    ['"b","a"', 'not-modified'],
    ['"with, comma", "a"', 'not-modified'],
    ['*', 'not-modified'],
    [' * ', 'not-modified'],
    ['"b"', 'send'],
    ['"A"', 'send'],
    ['a', 'send'],
    ['"b', 'send'],
  ])('If-None-Match: %s compares weakly: %s', (value, outcome) => {
    expect(evaluate({ 'if-none-match': value })).toBe(outcome);
    expect(evaluate({ 'if-none-match': value }, 'W/"a"')).toBe(outcome);
  });
  it.each([
    [MONDAY, 'not-modified'],
    [TUESDAY, 'not-modified'],
    ['Sun, 05 Jan 2025 10:00:00 GMT', 'send'],
    ['yesterday', 'send'],
  ])('If-Modified-Since: %s: %s', (value, outcome) => {
    expect(evaluate({ 'if-modified-since': value })).toBe(outcome);
  });
  it('If-Modified-Since does not count beside If-None-Match', () => {
    expect(evaluate({ 'if-none-match': '"b"', 'if-modified-since': TUESDAY })).toBe('send');
    expect(evaluate({ 'if-modified-since': TUESDAY }, '"a"', '')).toBe('send');
  });
  it('If-Match compares strongly, and comes first', () => {
    expect(evaluate({ 'if-match': '"b", "a"' })).toBe('send');
    expect(evaluate({ 'if-match': '*' })).toBe('send');
    expect(evaluate({ 'if-match': '"b"', 'if-none-match': '"a"' })).toBe('412');
    expect(evaluate({ 'if-match': 'W/"a"' }, 'W/"a"')).toBe('412');
    expect(evaluate({ 'if-match': '"a"', 'if-unmodified-since': 'Sun, 05 Jan 2025 10:00:00 GMT' })).toBe('send');
  });
  it('If-Unmodified-Since refuses what is newer', () => {
    expect(evaluate({ 'if-unmodified-since': MONDAY })).toBe('send');
    expect(evaluate({ 'if-unmodified-since': 'Sun, 05 Jan 2025 10:00:00 GMT' })).toBe('412');
  });
  it('If-Range wants the part of what it knows alone: by a strong tag, or the very time', () => {
    const wanted = (value: string, etag = '"a"'): boolean =>
      isRangeWanted(headers({ 'if-range': value }), { etag, lastModified: MONDAY });
    expect(['', '"a"', MONDAY].map((value) => wanted(value))).toEqual([true, true, true]);
    expect(['"b"', 'W/"a"', TUESDAY, 'Sun, 05 Jan 2025 10:00:00 GMT', 'x'].map((value) => wanted(value))).toEqual(
      Array(5).fill(false),
    );
    expect(wanted('W/"a"', 'W/"a"')).toBe(false);
  });
});

describe('rangeOf', () => {
  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=2-5', 2, 5],
    ['bytes=2-', 2, 9],
    ['bytes=-3', 7, 9],
    ['bytes=-99', 0, 9],
    ['bytes=5-99', 5, 9],
    ['Bytes= 1-2', 1, 2],
  ])('%s', (header, first, last) => {
    expect(rangeOf(header, 10)).toEqual({ first, last });
  });
  it.each(['', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=a-b', 'items=0-1', 'bytes=0-1,3-4', '0-1', 'bytes=--1'])(
    'is everything for %j',
    (header) => {
      expect(rangeOf(header, 10)).toBeUndefined();
    },
  );
  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999-'])('refuses %s with 416', (header) => {
    expect(() => rangeOf(header, 10)).toThrow(
      expect.objectContaining({ httpStatus: 416, details: { contentRange: 'bytes */10' } }),
    );
  });
  it('has no part of nothing', () => {
    expect(() => rangeOf('bytes=0-', 0)).toThrow(expect.objectContaining({ httpStatus: 416 }));
    expect(() => rangeOf('bytes=-1', 0)).toThrow(expect.objectContaining({ httpStatus: 416 }));
  });
});
