import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigProblems } from './config-problems.ts';
import { validate } from './validate.ts';

const driver = z.discriminatedUnion('driver', [
  z.strictObject({ driver: z.literal('memory') }),
  z.strictObject({ driver: z.literal('redis') }),
]);
const schema = z.strictObject({
  port: z.int().min(0).max(65_535).default(0),
  count: z.int().min(1).default(1),
  ratio: z.number().default(1),
  on: z.boolean().default(true),
  name: z.string().default(''),
  short: z.string().max(3).default(''),
  nodes: z.array(z.string()).min(1).default(['a']),
  mode: z.enum(['enforce', 'warn']).default('warn'),
  tls: z.union([z.boolean(), z.strictObject({ ca: z.string() })]).default(false),
  cache: driver.default({ driver: 'memory' }),
  level: z.string().regex(/^a/, 'begins with an a').default('a'),
});

function problemOf(data: object): string {
  try {
    validate(schema, { data, locate: () => ({ source: 'test' }) });
  } catch (error) {
    if (error instanceof ConfigProblems)
      return error.problems.map(({ path, message }) => `${path}: ${message}`).join('\n');
    throw error;
  }
  return 'none';
}

it.each([
  [{ port: 'abc' }, 'port: expected a whole number from 0 to 65535, not "abc"'],
  [{ port: 99_999 }, 'port: expected a whole number from 0 to 65535, not 99999'],
  [{ port: 1.5 }, 'port: expected a whole number from 0 to 65535, not 1.5'],
  [{ port: [] }, 'port: expected a whole number from 0 to 65535, not a list'],
  [{ count: 0 }, 'count: expected a whole number of at least 1, not 0'],
  [{ ratio: 'x'.repeat(60) }, `ratio: expected a number, not "${'x'.repeat(39)}…`],
  [{ on: 'yes' }, 'on: expected true or false, not "yes"'],
  [{ name: 12_345 }, 'name: expected a text, not a number'],
  [{ name: null }, 'name: expected a text, not empty'],
  [{ short: 'secret' }, 'short: expected at most 3 characters, not 6'],
  [{ nodes: [] }, 'nodes: expected at least 1 entries, not 0'],
  [{ mode: 'enforc' }, 'mode: expected one of "enforce", "warn", not "enforc"; did you mean "enforce"?'],
  [{ tls: 3 }, 'tls: expected true or false, or a mapping, not 3'],
  [
    { cache: { driver: 'rediss' } },
    'cache.driver: expected one of "memory", "redis", not "rediss"; did you mean "redis"?',
  ],
  [{ cache: {} }, 'cache.driver: is missing: expected one of "memory", "redis"'],
  [{ level: 'b' }, 'level: begins with an a'],
])('says of %j what is allowed, and what it is', (data, problem) => {
  expect(problemOf(data)).toBe(problem);
});
