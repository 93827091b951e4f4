import { describe, expect, it } from 'vitest';
import { switchIssues } from './switch.ts';

/** "path: message" of everything that is wrong. */
const wrongWith = (value: unknown): string[] =>
  switchIssues(value).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a switch', () => {
  it('may be as short as { "on": true }, and have rules, a share and a variant', () => {
    for (const value of [
      { on: true },
      { on: true, percent: 12.5, by: 'tenant', variant: 'blue', description: 'for the summer' },
      { on: false, rules: [] },
      { on: false, rules: [{}, { on: false }, { percent: 0 }, { percent: 100, variant: 'b' }] },
      {
        on: false,
        rules: [{ if: { a: 1, b: [true, 'x'], c: { not: ['y'], min: 0, max: 9 }, d: { startsWith: '' } } }],
      },
    ])
      expect(wrongWith(value)).toEqual([]);
  });
  it('is told everything that is wrong with it at once', () => {
    expect(wrongWith({ on: 1, percent: '5', by: '', variant: '', rules: [{ fi: {}, on: 'x' }], more: 1 })).toEqual([
      'more: unknown key; known are rules, description, on, variant, percent, by',
      'on: expected true or false',
      'percent: expected a number from 0 to 100',
      'by: expected the name of an attribute',
      'variant: expected a name',
      'rules.0.fi: unknown key; known are if, on, variant, percent, by',
      'rules.0.on: expected true or false',
    ]);
  });
  it('has no parts without a meaning', () => {
    expect(wrongWith({ on: false, percent: 20 })[0]).toMatch(/^percent: .*on for nobody$/);
    expect(wrongWith({ on: false, variant: 'a' })).toEqual(['variant: has no meaning with "on": false']);
    expect(wrongWith({ on: true, by: 'userId' })).toEqual(['by: has no meaning without "percent"']);
    expect(wrongWith({ on: true, rules: [{ on: false, variant: 'a' }] })).toHaveLength(1);
  });
  it('has conditions that can be met', () => {
    const conditions = {
      a: [],
      b: null,
      c: {},
      d: { is: 1 },
      e: { not: {} },
      f: { min: '1' },
      g: [[1]],
      h: { endsWith: 1 },
    };
    expect(wrongWith({ on: true, rules: [{ if: conditions }] }).map((text) => text.split(': ')[0])).toEqual([
      'rules.0.if.a',
      'rules.0.if.b',
      'rules.0.if.c',
      'rules.0.if.d.is',
      'rules.0.if.e.not',
      'rules.0.if.f.min',
      'rules.0.if.g.0',
      'rules.0.if.h.endsWith',
    ]);
  });
  it('is an object', () => {
    for (const value of [null, true, 'on', 1, [], undefined]) expect(wrongWith(value)).toHaveLength(1);
    expect(wrongWith({ on: true, rules: {} })).toEqual(['rules: expected a list']);
    expect(wrongWith({ on: true, rules: [true] })).toHaveLength(1);
    expect(wrongWith({ on: true, rules: Array.from({ length: 101 }, () => ({})) })).toHaveLength(1);
  });
});
