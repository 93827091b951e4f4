import { setTimeout as delay } from 'node:timers/promises';
import { BottleError, Code } from '@bottle/protos';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_POLICY, type PolicyConfig } from '../resources-config.ts';
import { BrokerCall } from './broker-call.ts';
import { Policy } from './policy.ts';

const outage = (): BottleError => new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'down');
const callOf = (): BrokerCall =>
  new BrokerCall({ caller: '', invocationId: '', traceparent: '', baggage: '', timeoutMs: 0 });
const WRITE = { operation: 'push', access: 'write', repeatable: false };
const policyOf = (changes: Partial<PolicyConfig> = {}): Policy =>
  new Policy('rpc.test', { ...DEFAULT_POLICY, ...changes });

describe('a stream', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  it('that lasts and is what the breaker tries holds up nobody', async () => {
    const policy = policyOf({ breaker: { failures: 1, openMs: 20 } });
    await expect(policy.stream(callOf(), () => Promise.reject(outage()))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await expect(policy.stream(callOf(), async () => {})).rejects.toMatchObject({ reason: 'breaker-open' });
    await vi.advanceTimersByTimeAsync(30);
    const over = Promise.withResolvers<void>();
    const lasting = policy.stream(callOf(), ({ onAnswer }) => {
      onAnswer();
      return over.promise;
    });
    expect(await policy.run(WRITE, callOf(), async () => 'through')).toBe('through');
    await vi.waitFor(() => expect(policy.breakerState).toBe('closed'));
    over.resolve();
    await lasting;
  });
  it('fails with what it failed with after its first answer, too, without a word to the breaker', async () => {
    const policy = policyOf({ breaker: { failures: 1, openMs: 1_000 } });
    const failing = policy.stream(callOf(), async ({ onAnswer }) => {
      onAnswer();
      await Promise.resolve();
      throw outage();
    });
    await expect(failing).rejects.toMatchObject({ reason: 'resource-unavailable' });
    expect(policy.breakerState).toBe('closed');
  });
  it('is not repeated, not even when nothing was sent: its requests have been read', async () => {
    let attempts = 0;
    const unsent = outage().withDetails({ started: false });
    const failing = policyOf({ retry: { ...DEFAULT_POLICY.retry, attempts: 3 } }).stream(callOf(), () => {
      attempts += 1;
      return Promise.reject(unsent);
    });
    await expect(failing).rejects.toBe(unsent);
    expect(attempts).toBe(1);
  });
  it('has its time anew with each request, until it is answered', async () => {
    const policy = policyOf({ timeoutMs: 500 });
    const call = callOf();
    let ask = (): void => {};
    const work = policy.stream(call, async ({ onRequest }) => {
      ask = onRequest;
      await new Promise((_resolve, reject) =>
        call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
      );
    });
    const ending = work.catch((error: unknown) => error);
    for (let at = 0; at < 5; at++) {
      await vi.advanceTimersByTimeAsync(450);
      ask();
    }
    await vi.advanceTimersByTimeAsync(450);
    expect(call.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(60);
    expect(await ending).toMatchObject({ reason: 'resource-timeout' });
  });
});

describe('a call', () => {
  it('that fails after its time is over troubles nobody', async () => {
    const policy = policyOf({ timeoutMs: 10 });
    const call = callOf();
    const failing = policy.run(WRITE, call, async () => {
      await delay(20);
      throw outage();
    });
    await expect(failing).rejects.toMatchObject({ reason: 'resource-timeout' });
    await delay(30); // an unhandled rejection would fail the run
  });
  it('is repeated when nothing of it was sent, be it repeatable or not', async () => {
    let attempts = 0;
    const details = { started: false };
    const result = await policyOf({ retry: { attempts: 2, baseMs: 1, budgetPercent: 20 } }).run(
      WRITE,
      callOf(),
      async () => {
        attempts += 1;
        if (attempts < 3) throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'not connected', { details });
        return 'sent';
      },
    );
    expect(result).toBe('sent');
  });
  it('whose connection broke does not count as an outage, for there may be others', async () => {
    const policy = policyOf({
      breaker: { failures: 1, openMs: 1_000 },
      retry: { attempts: 0, baseMs: 1, budgetPercent: 0 },
    });
    const lost = (): Promise<never> => Promise.reject(new BottleError(Code.UNAVAILABLE, 'connection-lost', 'broke'));
    for (let at = 0; at < 3; at++)
      await expect(policy.run(WRITE, callOf(), lost)).rejects.toMatchObject({ reason: 'connection-lost' });
    expect(await policy.run(WRITE, callOf(), async () => 1)).toBe(1);
  });
});
