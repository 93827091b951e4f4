import { expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

it.each([
  '{"__proto__":1}',
  '[[{"a":{"__proto__":{}}}]]',
  '{"\\u005F_proto__":1}',
  '{"__\\u0070roto__":1}',
  '{"constructor":{"prototype":{}}}',
  '{"constructor":{"\\u0070rototype":{}}}',
])('refuses %s', (text) => {
  expect(() => parseJson(text)).toThrow('the request body has the key');
});

it.each(['"__proto__"', '{"constructor":"x"}', '{"prototype":1}', '{"a":"\\u0070"}', 'null', '[]', '0'])(
  'takes %s as it is',
  (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  },
);

it('says what is wrong with text that is no JSON', () => {
  expect(() => parseJson('{')).toThrow(/^the request body is not JSON: /);
});

it('looks into what is deep and large in time that grows with its size', () => {
  const startedAt = performance.now();
  parseJson(`{"prototype":1,"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`);
  parseJson(`{"prototype":1,"a":[${'{},'.repeat(500_000)}1]}`);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
