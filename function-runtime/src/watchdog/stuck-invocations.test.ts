import type { FaaSLogger } from 'bottle-sdk';
import { describe, expect, it } from 'vitest';
import { type GivenUp, StuckInvocations } from './stuck-invocations.ts';

function bench(concurrency: number) {
  const givenUp = new Map<GivenUp, number>();
  const warned: unknown[] = [];
  const lost: string[] = [];
  const logger = {
    warn: (fields: { invocationId: string }) => void warned.push(fields.invocationId),
    error: () => {},
  } as unknown as FaaSLogger;
  const stuck = new StuckInvocations({
    givenUp: () => givenUp,
    concurrencyOf: () => concurrency,
    stuckMs: 1_000,
    logger,
    onLost: (name) => void lost.push(name),
  });
  const add = (invocationId: string, since: number, functionName = 'f'): void =>
    void givenUp.set({ invocationId, functionName }, since);
  return { stuck, givenUp, warned, lost, add };
}

describe('stuck invocations', () => {
  it('are logged once, when they have run on for long', () => {
    const { stuck, warned, add } = bench(9);
    add('a', 0);
    add('b', 500);
    stuck.check(999);
    expect(warned).toEqual([]);
    stuck.check(1_000);
    stuck.check(1_400);
    expect(warned).toEqual(['a']);
    stuck.check(2_000);
    expect(warned).toEqual(['a', 'b']);
  });
  it('that have all places of a function are told of, once; those of another function do not count', () => {
    const { stuck, lost, add } = bench(2);
    add('a', 0);
    add('b', 0, 'other');
    stuck.check(5_000);
    expect(lost).toEqual([]);
    add('c', 4_500);
    stuck.check(5_400);
    expect(lost).toEqual([]);
    stuck.check(5_500);
    stuck.check(6_000);
    expect(lost).toEqual(['f']);
  });
});
