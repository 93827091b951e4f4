import { expect, it } from 'vitest';
import * as yaml from 'yaml';
import { z } from 'zod';
import type { ConfigProblems } from './config-problems.ts';
import { parseConfig } from './read-config-file.ts';
import { validate } from './validate.ts';
import { resolveVariables } from './variables.ts';

const WRITTEN = [
  '12345678901234567890',
  '0777',
  '1.10',
  '1e3',
  '0x1F',
  '.inf',
  '-0',
  '+1',
  'true',
  'False',
  '1_000',
  'yes',
  '2026-01-01',
];
const schema = z.strictObject({
  x: z.record(z.string(), z.string()),
  also: z.union([z.literal(5), z.strictObject({ y: z.string() })]),
});

it.each(WRITTEN)('%s is that text where a text is expected, however deep', (text) => {
  const source = parseConfig(yaml, `x: { a: ${text} }\nalso:\n  y: ${text}\n`, 'f.yml');
  expect(validate(schema, source)).toEqual({ x: { a: text }, also: { y: text } });
});
it.each(WRITTEN)('%s is that text by a variable, too, whole and within another', async (text) => {
  const written = `v: { ver: ${text} }\nx: { a: "\${self:v.ver}", b: "v\${self:v.ver}" }\n`;
  const options = { env: {}, projectDir: '.', onFile: () => {} };
  const { source } = await resolveVariables(parseConfig(yaml, written, 'f.yml'), options);
  const loose = z.looseObject({ x: z.record(z.string(), z.string()) });
  expect(validate(loose, source).x).toEqual({ a: text, b: `v${text}` });
});
it('what is no text of its own stays wrong, and is said as before', () => {
  const source = parseConfig(yaml, 'x: { a: [1], b: ~, c: }\nalso: 5\n', 'f.yml');
  const messages = (): string[] => {
    try {
      validate(schema, source);
      return [];
    } catch (error) {
      return (error as ConfigProblems).problems.map(({ path, message }) => `${path}: ${message}`);
    }
  };
  expect(messages()).toEqual([
    'x.a: expected a text, not a list',
    'x.b: expected a text, not empty',
    'x.c: expected a text, not empty',
  ]);
});
it('numbers stay numbers where a number may stand', () => {
  const either = z.strictObject({ a: z.union([z.number(), z.string()]), b: z.number() });
  expect(validate(either, parseConfig(yaml, 'a: 1.10\nb: 010', 'f.yml'))).toEqual({ a: 1.1, b: 10 });
});
it('YAML merges what "<<" names', () => {
  const text = 'base: &base { a: one, b: two }\nx:\n  <<: *base\n  b: three\n';
  const loose = z.looseObject({ x: z.record(z.string(), z.string()) });
  expect(validate(loose, parseConfig(yaml, text, 'f.yml')).x).toEqual({ a: 'one', b: 'three' });
});
