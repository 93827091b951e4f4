import { describe, expect, it } from 'vitest';
import { evaluateSwitch, positionOf } from './evaluate-switch.ts';
import { murmur3 } from './murmur3.ts';

describe('murmur3', () => {
  it('agrees with the reference', () => {
    const known = { '': 0, a: 0x3c2569b2, abc: 0xb3dd93fa, abcd: 0x43ed676a, 'Hello, world!': 0xc0363e43 };
    for (const [text, hash] of Object.entries(known)) expect(murmur3(text)).toBe(hash);
    expect(murmur3('The quick brown fox jumps over the lazy dog')).toBe(0x2e4ff723);
  });
});

describe('positionOf', () => {
  const users = Array.from({ length: 20_000 }, (_, at) => at);
  it('spreads values evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const user of users)
      tenths[Math.floor(positionOf('promo', user) / 10)] =
        (tenths[Math.floor(positionOf('promo', user) / 10)] ?? 0) + 1;
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
  it('puts the same value elsewhere in another switch', () => {
    const both = users.filter((user) => positionOf('a', user) < 50 && positionOf('b', user) < 50);
    expect(Math.abs(both.length - 5_000)).toBeLessThan(400);
  });
});

describe('evaluateSwitch', () => {
  it('compares as text, so that 42 and "42" are the same', () => {
    const definition = { on: false, rules: [{ if: { id: [42, 'x'], beta: true } }] };
    expect(evaluateSwitch('s', definition, { id: '42', beta: 'true' }).on).toBe(true);
    expect(evaluateSwitch('s', definition, { id: 43, beta: true }).on).toBe(false);
  });
  it('meets no condition, and belongs to no share, with an attribute that is missing', () => {
    const not = { on: false, rules: [{ if: { country: { not: 'DE' } } }] };
    expect(evaluateSwitch('s', not, {}).on).toBe(false);
    expect(evaluateSwitch('s', not, { country: null }).on).toBe(false);
    expect(evaluateSwitch('s', { on: true, percent: 99.9 }, {}).on).toBe(false);
    expect(evaluateSwitch('s', { on: true, percent: 100 }, {}).on).toBe(true);
  });
  it('tries the next rule for those who are not in the share of one', () => {
    const definition = {
      on: false,
      rules: [
        { percent: 50, variant: 'a' },
        { percent: 100, variant: 'b' },
      ],
    };
    const answers = Array.from({ length: 1_000 }, (_, userId) => evaluateSwitch('s', definition, { userId }).variant);
    const share = answers.filter((variant) => variant === 'a').length;
    expect(share).toBeGreaterThan(400);
    expect(share + answers.filter((variant) => variant === 'b').length).toBe(1_000);
  });
  it('compares numbers only with numbers', () => {
    const adult = { on: false, rules: [{ if: { age: { min: 18, max: 99 } } }] };
    expect([17, 18, 99, 100, 'old', true].map((age) => evaluateSwitch('s', adult, { age }).on)).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(evaluateSwitch('s', adult, { age: '20' }).on).toBe(true);
  });
});
