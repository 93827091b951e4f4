import { expect, it } from 'vitest';
import { growthExponent } from './growth.ts';

const points = (cost: (size: number) => number) => [10, 100, 1_000, 10_000].map((size) => ({ size, cost: cost(size) }));

it('is 0 for what costs nothing more, 1 for what is linear, 2 for what is quadratic', () => {
  expect(
    growthExponent(
      points(() => 5),
      0.001,
    ),
  ).toBeCloseTo(0);
  expect(
    growthExponent(
      points((size) => size * 3),
      0.001,
    ),
  ).toBeCloseTo(1);
  expect(
    growthExponent(
      points((size) => size ** 2 / 7),
      0.001,
    ),
  ).toBeCloseTo(2);
});

it('takes no notice of what is smaller than the noise', () => {
  expect(
    growthExponent(
      points((size) => size / 1e9),
      1,
    ),
  ).toBe(0);
  expect(
    growthExponent(
      points((size) => 2 + size / 1e6),
      0.001,
    ),
  ).toBeLessThan(0.05);
});
