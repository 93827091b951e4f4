import { BottleError, Code } from '@bottle/protos';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_POLICY, type PolicyConfig } from '../resources-config.ts';
import { BrokerCall } from './broker-call.ts';
import { Policy } from './policy.ts';

const outage = (): BottleError => new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'down');
const callOf = (): BrokerCall =>
  new BrokerCall({ caller: '', invocationId: '', traceparent: '', baggage: '', timeoutMs: 0 });
const READ = { operation: 'get', access: 'read', repeatable: true };
const WRITE = { operation: 'push', access: 'write', repeatable: false };
const policyOf = (changes: Partial<PolicyConfig> = {}): Policy =>
  new Policy('cache.test', { ...DEFAULT_POLICY, retry: { attempts: 2, baseMs: 1, budgetPercent: 20 }, ...changes });
const never = (): Promise<never> => new Promise(() => {});

describe('Policy', () => {
  it('repeats what is safe to repeat, and nothing else', async () => {
    for (const [facts, expected] of [
      [READ, 3],
      [WRITE, 1],
    ] as const) {
      let attempts = 0;
      const failing = (): Promise<never> => {
        attempts += 1;
        return Promise.reject(outage());
      };
      await expect(policyOf().run(facts, callOf(), failing)).rejects.toMatchObject({ reason: 'resource-unavailable' });
      expect(attempts).toBe(expected);
    }
  });
  it('does not repeat an error that the resource answered', async () => {
    let attempts = 0;
    const refusing = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(new BottleError(Code.FAILED_PRECONDITION, 'driver-error', 'WRONGTYPE'));
    };
    await expect(policyOf().run(READ, callOf(), refusing)).rejects.toMatchObject({ reason: 'driver-error' });
    expect(attempts).toBe(1);
  });
  it('does not ask a function again that has too much to do', async () => {
    let attempts = 0;
    const refusing = (): Promise<never> => {
      attempts += 1;
      const details = { started: false, retryAfterSec: 1 };
      return Promise.reject(new BottleError(Code.UNAVAILABLE, 'overloaded', 'too much', { details }));
    };
    await expect(policyOf().run(READ, callOf(), refusing)).rejects.toMatchObject({ reason: 'overloaded' });
    expect(attempts).toBe(1);
  });
  it('repeats no more than its budget when everything fails', async () => {
    const policy = policyOf({ breaker: { failures: 1_000_000, openMs: 1 } });
    let attempts = 0;
    const calls = 200;
    for (let count = 0; count < calls; count++) {
      await policy
        .run(READ, callOf(), () => {
          attempts += 1;
          return Promise.reject(outage());
        })
        .catch(() => {});
    }
    expect(attempts).toBeLessThanOrEqual(calls * 1.2 + 10);
    expect(attempts).toBeGreaterThan(calls);
  });
  it('opens the breaker after failures in a row, refuses at once, and closes again by a trial', async () => {
    const policy = policyOf({ breaker: { failures: 3, openMs: 50 } });
    for (let count = 0; count < 3; count++)
      await policy.run(WRITE, callOf(), () => Promise.reject(outage())).catch(() => {});
    expect(policy.breakerState).toBe('open');
    await expect(policy.run(WRITE, callOf(), async () => 1)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'breaker-open',
    });
    await expect.poll(() => policy.run(WRITE, callOf(), async () => 'back').catch(() => 'open')).toBe('back');
    expect(policy.breakerState).toBe('closed');
  });
  it('says of what was made before the breaker opened what came of it, not that it was left alone', async () => {
    const policy = policyOf({ breaker: { failures: 1, openMs: 1_000 } });
    const [first, second] = [Promise.withResolvers<never>(), Promise.withResolvers<never>()];
    const calls = [first, second].map(({ promise }) => policy.run(WRITE, callOf(), () => promise));
    first.reject(outage());
    await expect(calls[0]).rejects.toMatchObject({ reason: 'resource-unavailable' });
    expect(policy.breakerState).toBe('open');
    second.reject(outage());
    await expect(calls[1]).rejects.toMatchObject({ reason: 'resource-unavailable' });
  });
  it('does not count failures that successes interrupt', async () => {
    const policy = policyOf({ breaker: { failures: 2, openMs: 50 } });
    for (let count = 0; count < 5; count++) {
      await policy.run(WRITE, callOf(), () => Promise.reject(outage())).catch(() => {});
      await policy.run(WRITE, callOf(), async () => 1);
    }
    expect(policy.breakerState).toBe('closed');
  });
  it('rejects what takes longer than the resource may take, and tells the work', async () => {
    const call = callOf();
    await expect(policyOf({ timeoutMs: 20 }).run(READ, call, never)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      reason: 'resource-timeout',
    });
    expect(call.signal.aborted).toBe(true);
  });
  it('opens the breaker for a resource that never answers at all, and tries it again', async () => {
    const policy = policyOf({ timeoutMs: 20, breaker: { failures: 3, openMs: 50 } });
    for (let count = 0; count < 4; count++) await policy.run(WRITE, callOf(), never).catch(() => {});
    expect(policy.breakerState).toBe('open');
    await expect
      .poll(() => policy.run(WRITE, callOf(), never).catch((error: BottleError) => error.reason))
      .toBe('resource-timeout');
    await expect.poll(() => policy.run(WRITE, callOf(), async () => 'back').catch(() => 'open')).toBe('back');
  });
  it('gives up at once when nobody waits any more', async () => {
    const call = callOf();
    const running = policyOf().run(READ, call, never);
    call.cancel(new BottleError(Code.CANCELLED, 'cancelled', 'left'));
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });
  it('bounds what is under way and what waits, and serves those who wait in order', async () => {
    const policy = policyOf({ bulkhead: { concurrency: 1, queue: 1, streams: 1 } });
    const first = Promise.withResolvers<string>();
    const running = policy.run(WRITE, callOf(), () => first.promise);
    const waiting = policy.run(WRITE, callOf(), async () => 'second');
    await expect(policy.run(WRITE, callOf(), async () => 'third')).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      reason: 'bulkhead-full',
    });
    expect(policy.inFlight).toBe(1);
    first.resolve('first');
    expect(await Promise.all([running, waiting])).toEqual(['first', 'second']);
    expect(policy.inFlight).toBe(0);
  });
  it('says so before the deadline when no place became free, and troubles no breaker with it', async () => {
    const policy = policyOf({
      timeoutMs: 40,
      bulkhead: { concurrency: 1, queue: 9, streams: 1 },
      breaker: { failures: 1, openMs: 1_000 },
    });
    const over = Promise.withResolvers<void>();
    const holding = policy.stream(callOf(), ({ onAnswer }) => {
      onAnswer();
      return over.promise;
    });
    await expect(policy.run(READ, callOf(), async () => 'never')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'overloaded',
      details: { started: false },
    });
    await expect(policy.stream(callOf(), async () => {})).rejects.toMatchObject({ reason: 'overloaded' });
    expect(policy.breakerState).toBe('closed');
    over.resolve();
    await holding;
    expect(await policy.run(READ, callOf(), async () => 'next')).toBe('next');
  });
  it('gives streams that last places of their own, and refuses those beyond at once', async () => {
    const policy = policyOf({ bulkhead: { concurrency: 1, queue: 0, streams: 2 } });
    const over = Promise.withResolvers<void>();
    const open = (): Promise<void> => policy.stream(callOf(), () => over.promise, { isLasting: true });
    const lasting = [open(), open()];
    await expect(open()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'streams-full' });
    expect(await policy.run(READ, callOf(), async () => 'beside')).toBe('beside');
    expect([policy.openStreams, policy.inFlight]).toEqual([2, 0]);
    over.resolve();
    await Promise.all(lasting);
    expect(policy.openStreams).toBe(0);
  });
  it('keeps the place of a call that was given up until the driver has ended', async () => {
    const policy = policyOf({ timeoutMs: 20, bulkhead: { concurrency: 1, queue: 9, streams: 1 } });
    const work = Promise.withResolvers<string>();
    const call = callOf();
    let isOver = false;
    call.onOver = () => (isOver = true);
    await expect(policy.run(WRITE, call, () => work.promise)).rejects.toMatchObject({ reason: 'resource-timeout' });
    expect([policy.inFlight, policy.abandoned, call.worksOn, isOver]).toEqual([1, 1, true, false]);
    await expect(policy.run(WRITE, callOf(), async () => 'never')).rejects.toMatchObject({ reason: 'overloaded' });
    work.resolve('late');
    await vi.waitUntil(() => isOver, { interval: 1 });
    expect([policy.inFlight, policy.abandoned, call.worksOn]).toEqual([0, 0, false]);
    expect(await policy.run(WRITE, callOf(), async () => 'next')).toBe('next');
  });
  it('keeps it while the breaker looks on, too, and that of a stream', async () => {
    const policy = policyOf({ timeoutMs: 20, breaker: { failures: 9, openMs: 1_000 } });
    const failing = (): Promise<never> =>
      Promise.reject(new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'x'));
    await expect(policy.run(WRITE, callOf(), failing)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const work = Promise.withResolvers<string>();
    await expect(policy.run(WRITE, callOf(), () => work.promise)).rejects.toMatchObject({ reason: 'resource-timeout' });
    expect(policy.inFlight).toBe(1);
    const stream = Promise.withResolvers<void>();
    await expect(policy.stream(callOf(), () => stream.promise)).rejects.toMatchObject({ reason: 'resource-timeout' });
    expect(policy.inFlight).toBe(2);
    work.resolve('late');
    stream.resolve();
    await vi.waitUntil(() => policy.inFlight === 0, { interval: 1 });
  });
  it('takes a call that is given up out of the queue', async () => {
    const policy = policyOf({ bulkhead: { concurrency: 1, queue: 1, streams: 1 } });
    const first = Promise.withResolvers<string>();
    const running = policy.run(WRITE, callOf(), () => first.promise);
    const impatient = callOf();
    const waiting = policy.run(WRITE, impatient, async () => 'never');
    impatient.cancel(new BottleError(Code.CANCELLED, 'cancelled', 'left'));
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    const next = policy.run(WRITE, callOf(), async () => 'next');
    first.resolve('first');
    expect(await Promise.all([running, next])).toEqual(['first', 'next']);
  });
  it('holds a stream to the deadline only until its first answer', async () => {
    const policy = policyOf({ timeoutMs: 30 });
    const call = callOf();
    await policy.stream(call, async ({ onAnswer }) => {
      onAnswer();
      await new Promise((resolve) => setTimeout(resolve, 60));
    });
    expect(call.signal.aborted).toBe(false);
    const silent = callOf();
    const untilAborted = (): Promise<void> =>
      new Promise((_resolve, reject) => {
        silent.signal.addEventListener('abort', () => reject(silent.signal.reason as Error));
      });
    await expect(policy.stream(silent, untilAborted)).rejects.toMatchObject({ reason: 'resource-timeout' });
  });
});
