import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BottleError, Code } from '../errors.ts';
import { KnownSecrets } from './known-secrets.ts';

const SECRET = 'p/w "7ö\\x';
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n';

function knowing(...values: string[]): KnownSecrets {
  const known = new KnownSecrets();
  for (const value of values) known.add(Buffer.from(value));
  return known;
}

describe('a known secret', () => {
  const known = knowing(SECRET);
  it.each([
    ['as it is', SECRET],
    ['inside a longer text', `x${SECRET}y`],
    ['as JSON', JSON.stringify({ SECRET })],
    ['as JSON in JSON', JSON.stringify(JSON.stringify({ SECRET }))],
    ['as inspect shows it', inspect({ SECRET })],
    ['percent-encoded', new URLSearchParams({ q: SECRET }).toString()],
    ['by encodeURIComponent', encodeURIComponent(SECRET)],
    ['in the query of a URL', new URL(`http://x/?k=${SECRET}`).href],
    ['in the path of a URL', new URL(`http://x/a/${SECRET}`).href],
    ['as the password of a URL', Object.assign(new URL('http://x'), { username: 'u', password: SECRET }).href],
    ['as base64', Buffer.from(SECRET).toString('base64')],
    ['as base64url', Buffer.from(SECRET).toString('base64url')],
    ['as hex', Buffer.from(SECRET).toString('hex')],
    ['as an inspected Buffer', inspect(Buffer.from(SECRET))],
    ['as the JSON of a Buffer', JSON.stringify(Buffer.from(SECRET))],
    ['as an inspected array of bytes', inspect(new Uint8Array(Buffer.from(SECRET)))],
    ['as JSON with escaped slashes', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    ['in HTML', SECRET.replaceAll('"', '&quot;')],
  ])('is masked %s', (_name, text) => {
    const masked = known.mask(text);
    expect(masked).toContain('***');
    for (const form of [SECRET, '7ö', 'NyL', '3722c3', '55,34', '%C3%B6']) expect(masked).not.toContain(form);
  });
  it('is masked in the base64 of a longer text, wherever it stands in that', () => {
    const long = 'a-longer-secret-of-31-characters';
    for (const before of ['', 'u', 'us', 'use', 'user:'])
      for (const encoding of ['base64', 'base64url'] as const) {
        const masked = knowing(long).mask(Buffer.from(`${before}${long}:and more`).toString(encoding));
        expect(masked).toContain('***');
        expect(Buffer.from(masked.replaceAll('***', ''), 'base64').toString()).not.toMatch(/longer|secret|31-char/);
      }
  });
  it('is masked without the line break at its end, and line by line', () => {
    const both = knowing('hunter22\n', PEM);
    expect(both.mask('it is hunter22!')).toBe('it is ***!');
    for (const line of ['MIIEvQIBADANBgkq', 'hkiG9w0BAQEFAASC']) expect(both.mask(`key: ${line}`)).toBe('key: ***');
    expect(both.mask('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });
  it('is masked whole when another one is part of it', () => {
    expect(knowing('abcd', 'xxabcdyy').mask('-xxabcdyy-abcd-')).toBe('-***-***-');
  });
  it('of less than four characters is not masked', () => {
    expect(knowing('abc', ' a \n', '').mask('abc a')).toBe('abc a');
  });
});

describe('lines of JSON', () => {
  const line = (fields: object): string => `${JSON.stringify(fields)}\n`;
  it('stay JSON whatever the value is', () => {
    for (const value of [SECRET, '4711', '12.5', 'name', '001b', 'true', '","x', '":"a']) {
      const fields = {
        level: 30,
        time: 1_764_711_471_100,
        a: value,
        b: `\n${value}`,
        c: '\name\u001b[31m',
        d: [`x${value}`],
      };
      const masked = knowing(value).maskLines(line({ first: 1 }) + line({ ...fields, [value]: Number(value) }));
      const [first, second] = masked
        .split('\n')
        .map((text) => (text === '' ? undefined : (JSON.parse(text) as object)));
      expect(first).toEqual({ first: 1 });
      expect(second).toMatchObject({ level: 30, time: 1_764_711_471_100, a: '***', b: '\n***', d: ['x***'] });
      expect(Object.values(second ?? {})).not.toContain(value);
      expect(Object.values(second ?? {})).not.toContain(Number(value));
    }
  });
  it('have none that was escaped before it became JSON', () => {
    const known = knowing(SECRET);
    for (const text of [inspect({ SECRET }), JSON.stringify({ SECRET }), JSON.stringify(JSON.stringify(SECRET))])
      expect(known.maskLines(line({ msg: text }))).not.toContain('7ö');
  });
  it('have none as a list of bytes', () => {
    const masked = knowing(SECRET).maskLines(line({ bytes: Buffer.from(`x${SECRET}`), list: [1, 2, 3] }));
    expect(JSON.parse(masked)).toEqual({ bytes: { type: 'Buffer', data: ['***'] }, list: [1, 2, 3] });
  });
  it('keep the names that the platform gives', () => {
    expect(knowing('level').maskLines(line({ level: 30, msg: 'level', other: { level: 'level' } }))).toBe(
      line({ level: 30, msg: '***', other: { level: '***' } }),
    );
  });
});

describe('an error', () => {
  it('leaves without them, in all that it says', () => {
    const report = { name: 'Error', message: 'of hunter22', stack: ['at hunter22'] };
    const details = { hunter22: ['hunter22', { deep: 'a hunter22' }], at: 5 };
    const error = knowing('hunter22').maskError(
      new BottleError(Code.NOT_FOUND, 'no-item', 'no hunter22', { details, report, httpStatus: 410 }),
    );
    expect(JSON.stringify([error.message, error.details, error.report])).not.toContain('hunter22');
    expect(error).toMatchObject({ code: 'NOT_FOUND', reason: 'no-item', message: 'no ***', httpStatus: 410 });
    expect(error.details).toEqual({ '***': ['***', { deep: 'a ***' }], at: 5 });
  });
});

it('keeps no more than its bound: what came first goes first', () => {
  const known = new KnownSecrets(2_000);
  for (let at = 0; at < 100; at++) known.add(Buffer.from(`secret-number-${at}.`));
  expect(known.mask('secret-number-99.')).toBe('***');
  expect(known.mask('secret-number-0.')).toBe('secret-number-0.');
  known.add(Buffer.from('x'.repeat(5_000)));
  expect(known.mask('x'.repeat(5_000))).toBe('***');
});
