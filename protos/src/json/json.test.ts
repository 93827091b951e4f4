import { describe, expect, it } from 'vitest';
import { parseExactJson } from './parse-exact-json.ts';
import { toJson } from './to-json.ts';

const BIG = 9007199254740993n;

describe('toJson', () => {
  it('writes all digits of a bigint, wherever it stands', () => {
    expect(toJson(BIG)).toBe('9007199254740993');
    expect(toJson({ offset: BIG, list: [1n, { deep: -BIG }] })).toBe(
      '{"offset":9007199254740993,"list":[1,{"deep":-9007199254740993}]}',
    );
    expect(toJson({ a: 10n ** 40n })).toBe(`{"a":1${'0'.repeat(40)}}`);
    expect(toJson({ a: 1n }, 1)).toBe('{\n "a": 1\n}');
  });
  it('is JSON.stringify for everything else, beside a bigint too', () => {
    const rest = {
      when: new Date(0),
      own: { toJSON: () => 'own' },
      map: new Map([[1, 2]]),
      set: new Set([1]),
      none: undefined,
      list: [undefined, () => 1, Number.NaN],
    };
    const text = JSON.stringify(rest);
    expect(toJson(rest)).toBe(text);
    expect(toJson({ ...rest, big: 1n })).toBe(`${text.slice(0, -1)},"big":1}`);
    expect(toJson(undefined)).toBeUndefined();
    expect(toJson(Symbol('none'))).toBeUndefined();
  });
  it('writes what toJSON returns, a bigint included', () => {
    expect(toJson({ id: { toJSON: () => BIG } })).toBe('{"id":9007199254740993}');
  });
  it('throws for what refers to itself, with and without a bigint', () => {
    const circular: Record<string, unknown> = { big: 1n };
    circular['self'] = circular;
    expect(() => toJson(circular)).toThrow(/circular/i);
    expect(() => toJson(Object.assign([], { 0: circular }))).toThrow(/circular/i);
  });
  it('throws what a toJSON throws', () => {
    const fault = new TypeError('no BigInt here');
    const value = {
      toJSON: () => {
        throw fault;
      },
    };
    expect(() => toJson(value)).toThrow(fault);
  });
});

describe('parseExactJson', () => {
  it('keeps integers beyond 2^53 as bigints, and writes them as they were', () => {
    const text = '{"a":9007199254740993,"b":[1,-9007199254740995],"c":"9007199254740993"}';
    expect(parseExactJson(text)).toEqual({ a: BIG, b: [1, -9007199254740995n], c: '9007199254740993' });
    expect(toJson(parseExactJson(text))).toBe(text);
  });
  it('leaves every other number as it is', () => {
    const text = '{"a":1.2345678901234567,"b":1e300,"c":9007199254740991,"d":1234567890123456}';
    expect(parseExactJson(text)).toEqual(JSON.parse(text));
  });
});
