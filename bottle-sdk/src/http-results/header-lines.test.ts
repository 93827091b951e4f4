import { describe, expect, it } from 'vitest';
import { serializeCookie } from './cookies.ts';
import { headerLines } from './header-lines.ts';

describe('headerLines', () => {
  it('gives the lines of what HTTP can carry, Latin-1 and tabs included', () => {
    expect(headerLines('x-a', 'grüße\tÿ')).toEqual(['grüße\tÿ']);
    expect(headerLines('Set-Cookie', ['a=1', 'b=2'])).toEqual(['a=1', 'b=2']);
    expect(headerLines('x-n', 5 as unknown as string)).toEqual(['5']);
    expect(headerLines('x-empty', '')).toEqual(['']);
  });
  it.each(['世界', 'a\r\nx-evil: 1', 'a\nb', 'a\0b', 'a\u007fb', 'a\u0001', 'π', '👋'])(
    'refuses %j with the name of the header',
    (value) => {
      expect(() => headerLines('X-Greeting', value)).toThrow(TypeError);
      expect(() => headerLines('X-Greeting', ['fine', value])).toThrow('the response header "X-Greeting" cannot hold');
    },
  );
  it('says which character it is, and where', () => {
    expect(() => headerLines('x-name', 'to 世界')).toThrow(
      'the response header "x-name" cannot hold "世" (U+4E16) at position 3; encodeURIComponent makes text of ASCII',
    );
    expect(() => headerLines('x-name', 'a\rb')).toThrow('cannot hold (U+000D) at position 1');
  });
  it.each(['', 'x a', 'x:a', 'x\r\n', 'naïve', ':status', 'x(y)'])('refuses the name %j', (name) => {
    expect(() => headerLines(name, 'v')).toThrow(`${JSON.stringify(name)} is not a name of a response header`);
  });
});

describe('cookies', () => {
  it('cannot be given attributes by their path, domain or sameSite', () => {
    expect(() => serializeCookie('a', '1', { path: '/; Domain=evil' })).toThrow('the cookie "a" has a path that');
    expect(() => serializeCookie('a', '1', { domain: 'x\r\n' })).toThrow('the cookie "a" has a domain that');
    expect(() => serializeCookie('a', '1', { sameSite: 'lax; x' as 'lax' })).toThrow('the cookie "a" has a sameSite');
  });
  it('have a name, and a lifetime that is a number', () => {
    expect(() => serializeCookie('a b', '1')).toThrow('not a cookie name: "a b"');
    expect(() => serializeCookie('a', '1', { maxAge: Number.NaN })).toThrow(TypeError);
    expect(() => serializeCookie('a', '1', { expires: new Date(Number.NaN) })).toThrow(TypeError);
  });
});
