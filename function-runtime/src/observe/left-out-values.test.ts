import { expect, it } from 'vitest';
import { LeftOutValues } from './left-out-values.ts';

it('counts all, and logs one a second for each resource', () => {
  let now = 0;
  const lines: object[] = [];
  const values = new LeftOutValues({ warn: (fields: object) => lines.push(fields) } as never, () => now);
  const [a, b] = [
    { resource: 'cache.a', key: 'k' },
    { resource: 'cache.b', key: 'k', field: 'f' },
  ];
  for (const value of [a, a, b]) values.add(value);
  now = 999;
  values.add(a);
  now = 1_000;
  values.add(a);
  expect(values.counts).toEqual([
    { resource: 'cache.a', count: 4 },
    { resource: 'cache.b', count: 1 },
  ]);
  expect(lines).toEqual([
    { ...a, soFar: 1 },
    { ...b, soFar: 1 },
    { ...a, soFar: 4 },
  ]);
});
