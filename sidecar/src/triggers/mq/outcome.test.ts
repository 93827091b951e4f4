import { BottleError, Code } from '@bottle/protos';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';

const kindOf = (code: Code, reason: string, details: Record<string, unknown> = {}): string =>
  outcomeOf(new BottleError(code, reason, '', { details })).kind;

describe('what a message failed with', () => {
  it('refuses it when the platform or the author of the function says so of the message', () => {
    for (const reason of ['invalid-input', 'invalid-json', 'idempotency-key-missing', 'no-order'])
      expect(kindOf(Code.INVALID_ARGUMENT, reason)).toBe('refused');
  });
  it('is a try when a call of the function was refused, whatever with: what it needs may be there the next time', () => {
    for (const code of Object.values(Code))
      expect(kindOf(code, 'driver-error', { resource: 'db.shop', driverCode: 'ER_NO_SUCH_TABLE' })).toBe('failed');
    expect(kindOf(Code.PERMISSION_DENIED, 'not-granted', { resource: 'cache.x' })).toBe('failed');
  });
  it('is a try when an error of a library has a status', () => {
    expect(kindOf(Code.INVALID_ARGUMENT, 'function-error')).toBe('failed');
  });
  it('is nobody’s fault when the function cannot be reached, and a try when another one has too much to do', () => {
    expect(kindOf(Code.UNAVAILABLE, 'overloaded')).toBe('excused');
    expect(kindOf(Code.UNAVAILABLE, 'overloaded', { resource: 'rpc.other' })).toBe('failed');
  });
  it('counts what the author throws, whatever it is called', () => {
    const thrown = { thrown: true };
    expect(kindOf(Code.UNAVAILABLE, 'overloaded', thrown)).toBe('failed');
    expect(kindOf(Code.UNAVAILABLE, 'queue-full', thrown)).toBe('failed');
    expect(kindOf(Code.INVALID_ARGUMENT, 'shutdown', thrown)).toBe('refused');
    const own = { ...thrown, resource: 'db.mine', outcome: 'not-done' };
    expect(kindOf(Code.UNAVAILABLE, 'resource-unavailable', own)).toBe('failed');
  });
  it('waits for a resource that was not reached, and for none that has done something, or is one host of many', () => {
    const away = (resource: string, reason: string, outcome = 'not-done'): string =>
      kindOf(Code.UNAVAILABLE, reason, { resource, outcome });
    expect(away('cache.main', 'resource-unavailable')).toBe('excused');
    expect(away('http.hooks', 'breaker-open')).toBe('excused');
    expect(away('http.hooks', 'resource-unavailable')).toBe('failed');
    expect(away('db.shop', 'resource-unavailable', 'done')).toBe('failed');
    expect(away('db.shop', 'resource-unavailable', 'unknown')).toBe('failed');
    expect(away('db.shop', 'driver-error')).toBe('failed');
  });
});
