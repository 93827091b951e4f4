import { describe, expect, it } from 'vitest';
import { matches, wants } from './event-filter.ts';

describe('a filter', () => {
  it.each([
    ['com.example.paid', 'com.example.paid', true],
    ['com.example.paid', 'com.example.paid.twice', false],
    ['com.example.*', 'com.example.', true],
    ['com.example.*', 'com.example', false],
    ['*', '', true],
    ['*.paid', 'com.example.paid', true],
    ['*.paid', 'paid', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'ac', false],
    ['a*a', 'a', false],
    ['*a*', 'xay', true],
    ['a**b', 'ab', true],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
    ['', '', true],
  ])('%s about %s: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
  it('needs time that grows with the text alone', () => {
    const startedAt = performance.now();
    expect(matches(`${'*a'.repeat(20)}b`, 'a'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
  it('wants one of its types, and of its sources, and of its subjects; an empty list wants any', () => {
    const event = { type: 't', source: '/s' };
    expect(wants({ types: [], sources: [], subjects: [] }, event)).toBe(true);
    expect(wants({ types: ['x', 't'], sources: ['/s'], subjects: [] }, event)).toBe(true);
    expect(wants({ types: ['t'], sources: ['/x'], subjects: [] }, event)).toBe(false);
    expect(wants({ types: [], sources: [], subjects: ['?*'] }, event)).toBe(false);
    expect(wants({ types: [], sources: [], subjects: ['*'] }, event)).toBe(true);
  });
});
