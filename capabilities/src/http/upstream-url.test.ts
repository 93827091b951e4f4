import { describe, expect, it } from 'vitest';
import { isBelow, resolveUpstreamUrl } from './upstream-url.ts';

const BASE = new URL('https://api.example.com/v1');
const resolve = (target: string, base: URL = BASE): string => resolveUpstreamUrl(base, target).href;

describe('the URL of a request', () => {
  it('is a path below the base, slash or not', () => {
    expect(resolve('/charge')).toBe('https://api.example.com/v1/charge');
    expect(resolve('charge?a=1&b=/../x')).toBe('https://api.example.com/v1/charge?a=1&b=/../x');
    expect(resolve('/a/../b')).toBe('https://api.example.com/v1/b');
    expect(resolve('/a', new URL('http://h/'))).toBe('http://h/a');
    expect(resolve('/a', new URL('http://h/v1/'))).toBe('http://h/v1/a');
  });
  it('is the base itself for an empty path or a query alone', () => {
    expect(resolve('')).toBe('https://api.example.com/v1');
    expect(resolve('?x=1')).toBe('https://api.example.com/v1?x=1');
  });
  it('never carries the credentials of the base', () => {
    expect(resolve('/x', new URL('https://user:secret@h/v1'))).toBe('https://h/v1/x');
  });
  it.each([
    '/../x',
    '..',
    '/a/../../x',
    '/%2e%2e/x',
    '/.%2E/x',
    '/..%2fx',
    '/a/..%2f..%2f..%2fx',
    '/..\\x',
    '/..%5cx',
    '/\t../x',
  ])('refuses %j, which climbs out of the base', (target) => {
    expect(() => resolve(target)).toThrow(expect.objectContaining({ reason: 'egress-denied' }));
  });
  it.each([
    '//evil.com/x',
    '/\\evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    ' //evil.com',
    '\n//evil.com',
    '\u0000//evil.com',
  ])('refuses %j, which is another host in disguise', (target) => {
    expect(() => resolve(target)).toThrow(expect.objectContaining({ reason: 'egress-denied' }));
  });
  it('keeps a whole URL for the egress rules to judge, http and https only', () => {
    expect(resolve('https://other.example.com/x#y')).toBe('https://other.example.com/x');
    expect(() => resolve('file:///etc/passwd')).toThrow(expect.objectContaining({ reason: 'egress-denied' }));
    expect(() => resolve('javascript:alert(1)')).toThrow(expect.objectContaining({ reason: 'egress-denied' }));
    expect(() => resolve('https://user:pw@other.example.com/')).toThrow(expect.objectContaining({ reason: 'bad-url' }));
    expect(() => resolve('http://[')).toThrow(expect.objectContaining({ reason: 'bad-url' }));
  });
  it('never shows a query in an error: it may hold a secret', () => {
    expect(() => resolve('//evil/?token=secret')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') as string }),
    );
  });
});

describe('isBelow', () => {
  it('takes the origin and whole segments of the path', () => {
    expect(isBelow(BASE, new URL('https://api.example.com/v1/x'))).toBe(true);
    expect(isBelow(BASE, new URL('https://api.example.com/v1'))).toBe(true);
    expect(isBelow(BASE, new URL('https://api.example.com/v10'))).toBe(false);
    expect(isBelow(BASE, new URL('https://api.example.com/v1/..%2fadmin'))).toBe(false);
    expect(isBelow(BASE, new URL('http://api.example.com/v1/x'))).toBe(false);
    expect(isBelow(BASE, new URL('https://api.example.com:8443/v1/x'))).toBe(false);
  });
});
