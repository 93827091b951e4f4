import { expect, it } from 'vitest';
import { type Abilities, negotiate } from './negotiation.ts';

const mine: Abilities = {
  software: 'runtime/2',
  protocolMin: 2,
  protocolMax: 4,
  features: ['a', 'b'],
  bodyThresholdBytes: 1_000,
  instanceId: 'i',
};
const hello = (min: number, max: number) => ({
  software: 'sidecar/9',
  protocolMin: min,
  protocolMax: max,
  features: ['b', 'c'],
  bodyThresholdBytes: 500,
  instanceId: 'o',
  table: null,
});

it('agrees on the highest version, the common features and the lower threshold', () => {
  expect(negotiate(hello(1, 3), mine)).toEqual({
    software: 'runtime/2',
    instanceId: 'i',
    protocol: 3,
    features: ['b'],
    bodyThresholdBytes: 500,
  });
  expect(negotiate(hello(4, 9), mine).protocol).toBe(4);
});
it.each([
  [0, 1],
  [5, 7],
])('refuses %i–%i and says what each speaks', (min, max) => {
  const { protocol, refusal } = negotiate(hello(min, max), mine);
  expect(protocol).toBe(0);
  expect(refusal).toContain('runtime/2 speaks protocol 2–4');
  expect(refusal).toContain(`sidecar/9 speaks ${min}–${max}`);
});
