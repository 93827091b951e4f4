import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.ts';
import { processEnvironment } from './process-environment.ts';

/** Functions with their environment; groups of their names. */
function of(functions: Record<string, Record<string, string>>, ...groups: string[][]) {
  return processEnvironment({
    file: 'serverless.yml',
    functions: Object.entries(functions).map(([name, environment]) => ({ name, environment })),
    groups: groups.map((names) => ({ functions: names })),
  } as unknown as Manifest);
}

describe('the environment of a process', () => {
  it('has what its functions are given, together', () => {
    const { values, warnings } = of({ a: { A: '1', LOG: 'info' }, b: { B: '2', LOG: 'info' } }, ['a', 'b']);
    expect([values, warnings]).toEqual([{ A: '1', B: '2', LOG: 'info' }, []]);
  });
  it('cannot have two values for functions that always share a pod', () => {
    expect(() => of({ a: { LOG: 'info' }, b: { LOG: 'debug' } }, ['a', 'b'])).toThrow(
      'functions.b.environment.LOG: a and b share a process, and its LOG cannot have two values',
    );
  });
  it('has none where only this process has both functions', () => {
    const { values, warnings } = of({ a: { LOG: 'info', A: '1' }, b: { LOG: 'debug' } }, ['a'], ['b']);
    expect(values).toEqual({ A: '1' });
    expect(warnings).toEqual([expect.stringContaining('the process has no LOG: functions of different groups')]);
  });
});
