import { describe, expect, it, vi } from 'vitest';
import type { LockStore } from './lock-port.ts';
import { createMemoryLock } from './memory-lock.ts';
import { createMemoryState } from './memory-state.ts';
import { createWaitingLocks } from './waiting-locks.ts';

const { signal } = new AbortController();
const wish = { name: 'n', leaseMs: 1_000, waitMs: 0, signal };

describe('locks in memory', () => {
  const wallClock = (): number => 5;

  it('have one holder, and a token that grows with each', async () => {
    const locks = createMemoryLock({ wallClock });
    expect(await locks.acquire({ ...wish, owner: 'a' })).toMatchObject({ token: 50n });
    expect(await locks.acquire({ ...wish, owner: 'b' })).toBeUndefined();
    expect(await locks.release('n', 'b')).toBe(false);
    expect(await locks.release('n', 'a')).toBe(true);
    expect(await locks.acquire({ ...wish, owner: 'b' })).toMatchObject({ token: 51n });
  });

  it('have greater tokens in the next process, and when the clock goes back', async () => {
    let clock = 9;
    const before = createMemoryLock({ wallClock: () => clock });
    await before.acquire({ ...wish, owner: 'a' });
    await before.release('n', 'a');
    clock = 1;
    expect(await before.acquire({ ...wish, owner: 'a' })).toMatchObject({ token: 91n });
    clock = 10;
    expect(await createMemoryLock({ wallClock: () => clock }).acquire({ ...wish, owner: 'a' })).toMatchObject({
      token: 100n,
    });
  });

  it('give the same token to who holds the lock already', async () => {
    const locks = createMemoryLock({ wallClock });
    await locks.acquire({ ...wish, owner: 'a' });
    expect(await locks.acquire({ ...wish, owner: 'a' })).toMatchObject({ token: 50n });
  });

  it('end with the lease: the holder can neither renew nor release, and gets a new token', async () => {
    let time = 0;
    const locks = createMemoryLock({ now: () => time, wallClock });
    await locks.acquire({ ...wish, owner: 'a' });
    time = 999;
    expect(await locks.renew('n', 'a', 1_000)).toBe(50n);
    time = 1_999;
    expect(await locks.renew('n', 'a', 1_000)).toBeUndefined();
    expect(await locks.release('n', 'a')).toBe(false);
    expect(await locks.acquire({ ...wish, owner: 'a' })).toMatchObject({ token: 51n });
  });

  it('serve those who wait in the order they came', async () => {
    const locks = createMemoryLock();
    await locks.acquire({ ...wish, owner: 'first' });
    const served: string[] = [];
    const waiting = ['a', 'b', 'c'].map(async (owner) => {
      const grant = await locks.acquire({ ...wish, owner, waitMs: 2_000 });
      expect(grant).toBeDefined();
      served.push(owner);
      await locks.release('n', owner);
    });
    await locks.release('n', 'first');
    await Promise.all(waiting);
    expect(served).toEqual(['a', 'b', 'c']);
  });

  it('go to a waiter as soon as a lease ends', async () => {
    const locks = createMemoryLock();
    await locks.acquire({ ...wish, owner: 'a', leaseMs: 100 });
    const grant = await locks.acquire({ ...wish, owner: 'b', waitMs: 2_000 });
    expect(grant?.waitedMs).toBeGreaterThan(90);
    expect(grant?.waitedMs).toBeLessThan(1_000);
  });
});

describe('waiting', () => {
  const storeOf = (attempt: LockStore['attempt'], release: LockStore['release'] = async () => true): LockStore => ({
    problem: undefined,
    shared: createMemoryState(),
    ping: async () => {},
    attempt,
    renew: async () => undefined,
    release,
    close: async () => {},
  });

  it('ends at its time, and asks the store for one of all who wait', async () => {
    const attempt = vi.fn<LockStore['attempt']>(async () => ({ againInMs: 20 }));
    const locks = createWaitingLocks(storeOf(attempt), { maxWaitMs: 10_000 });
    const startedAt = performance.now();
    const owners = Array.from({ length: 100 }, (_, at) => `o${at}`);
    const grants = await Promise.all(owners.map((owner) => locks.acquire({ ...wish, owner, waitMs: 200 })));
    expect(grants.every((grant) => grant === undefined)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(attempt.mock.calls.length).toBeLessThan(200);
  });

  it('ends with the signal', async () => {
    const controller = new AbortController();
    const locks = createWaitingLocks(
      storeOf(async () => ({ againInMs: 60_000 })),
      { maxWaitMs: 60_000 },
    );
    const waiting = locks.acquire({ ...wish, owner: 'a', waitMs: 60_000, signal: controller.signal });
    const behind = locks.acquire({ ...wish, owner: 'b', waitMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('left')), 10);
    await expect(waiting).rejects.toThrow('left');
    await expect(behind).rejects.toThrow('left');
  });

  it('gives back what is granted to somebody who has left', async () => {
    const controller = new AbortController();
    const release = vi.fn<LockStore['release']>(async () => true);
    const store = storeOf(async () => {
      controller.abort(new Error('left'));
      return { token: 1n };
    }, release);
    const locks = createWaitingLocks(store, { maxWaitMs: 1_000 });
    await expect(locks.acquire({ ...wish, owner: 'a', signal: controller.signal })).rejects.toThrow('left');
    expect(release).toHaveBeenCalledWith('n', 'a');
  });
});
