import { expect, it } from 'vitest';
import { parseExactJson } from './exact-json.ts';

it('loses no digit on the way from JSON to JSON', () => {
  const text = '{"a":9007199254740993,"b":[-9007199254740995,1.5,1e300,"9007199254740993"]}';
  expect(JSON.stringify(parseExactJson(text))).toBe(text.replace('1e300', '1e+300'));
  expect(parseExactJson('{"a":12345678901234}')).toEqual({ a: 12345678901234 });
});
