import { describe, expect, it } from 'vitest';
import { AcceptedCodings } from './accepted-codings.ts';

const of = (header: string) => new AcceptedCodings().preferenceOf(header);

describe('Accept-Encoding', () => {
  it.each([
    ['br, zstd, gzip', 'zstd', false],
    ['br;q=1.000, zstd;q=0.999', 'br', false],
    ['gzip, identity;q=0', 'gzip', true],
    ['gzip, *;q=0', 'gzip', true],
    ['identity;q=0.5, *;q=0', undefined, false],
    ['identity;q=0.2, br;q=0.1', undefined, false],
    ['identity, br', 'br', false],
    ['br;q=0.5;x=1', 'br', false],
    ['br;q=1.5, gzip;q=-1, zstd;q=0.1234', undefined, false],
    ['constructor, __proto__;q=1', undefined, false],
  ])('"%s": %s, plain refused: %s', (header, coding, refusesPlain) => {
    expect(of(header)).toEqual({ coding, refusesPlain });
  });
  it('is remembered for some spellings only, and read right beyond them', () => {
    const codings = new AcceptedCodings();
    for (let at = 0; at < 1_000; at++) codings.preferenceOf(`x-${at}, gzip`);
    expect(codings.preferenceOf('x-999, gzip').coding).toBe('gzip');
    expect(codings.preferenceOf('x-0, gzip')).toBe(codings.preferenceOf('x-0, gzip'));
    expect(codings.preferenceOf('x-999, gzip')).not.toBe(codings.preferenceOf('x-999, gzip'));
  });
});
