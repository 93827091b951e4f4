import type { FunctionTable__Output } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { Grants } from './grants.ts';

const CACHE = ['read', 'write'];

function grantsOf(uses: Readonly<Record<string, string[] | undefined>>, mode: 'enforce' | 'warn' = 'enforce') {
  const warnings: object[] = [];
  const grants = new Grants({ mode, log: { warn: (fields) => warnings.push(fields) } });
  const functions = Object.entries(uses).map(([name, list]) => ({
    name,
    uses: list ?? [],
    usesDeclared: list !== undefined,
  }));
  grants.apply({ service: 'test', functions, layerUses: [] } as unknown as FunctionTable__Output);
  return { grants, warnings };
}

describe('Grants', () => {
  it('allow what `uses` names, and deny everything else with the line to add', () => {
    const { grants } = grantsOf({ list: ['cache.sessions'] });
    expect(grants.assert('list', 'cache.sessions', 'write', CACHE)).toEqual({ readOnly: false });
    expect(() => grants.assert('list', 'cache.other', 'read', CACHE)).toThrow(/uses: \[cache\.other\]/);
    expect(() => grants.assert('list', 'db.sessions', 'read', CACHE)).toThrow(/may not/);
  });
  it('limit a grant to its access', () => {
    const { grants } = grantsOf({ list: ['cache.sessions:read'] });
    expect(grants.assert('list', 'cache.sessions', 'read', CACHE)).toEqual({ readOnly: true });
    expect(() => grants.assert('list', 'cache.sessions', 'write', CACHE)).toThrow(/may not write cache\.sessions/);
  });
  it('deny everything to a function with an empty list, or none', () => {
    const { grants } = grantsOf({ empty: [], silent: undefined });
    expect(() => grants.assert('empty', 'cache.a', 'read', CACHE)).toThrow(/may not/);
    expect(() => grants.assert('silent', 'cache.a', 'read', CACHE)).toThrow(/may not/);
    expect(() => grants.assert('unknown', 'cache.a', 'read', CACHE)).toThrow(/may not/);
  });
  it('warn once instead where there is no list, when told so', () => {
    const { grants, warnings } = grantsOf({ silent: undefined, list: ['cache.a'] }, 'warn');
    expect(grants.assert('silent', 'cache.a', 'write', CACHE)).toEqual({ readOnly: false });
    grants.assert('silent', 'cache.a', 'write', CACHE);
    expect(warnings).toHaveLength(1);
    expect(() => grants.assert('list', 'cache.b', 'read', CACHE)).toThrow(/may not/);
  });
  it('let code outside an invocation use what any function may', () => {
    const { grants } = grantsOf({ a: ['cache.a'], b: ['cache.b:read'] });
    expect(grants.assert('', 'cache.a', 'write', CACHE)).toEqual({ readOnly: false });
    expect(() => grants.assert('', 'cache.b', 'write', CACHE)).toThrow(/may not/);
  });
});
