import { setTimeout as delay } from 'node:timers/promises';
import type { LockClient } from 'bottle-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractTarget } from './target.ts';

/** What every lock driver does, seen through the SDK. */
export function describeLockContract(title: string, open: () => Promise<ContractTarget>): void {
  describe(`lock contract: ${title}`, () => {
    let target: ContractTarget;
    let locks: LockClient;
    let unique = 0;
    const fresh = (): string => `lock:${process.pid}:${Date.now()}:${(unique += 1)}`;
    beforeAll(async () => {
      target = await open();
      locks = target.bottle.lock('contract');
    });
    afterAll(() => target?.close());

    describe('a lock', () => {
      it('has one holder among 50 contenders at any time, and tokens that grow from holder to holder', async () => {
        const name = fresh();
        let inside = 0;
        const tokens: bigint[] = [];
        const contenders = Array.from({ length: 50 }, async () => {
          await using lock = await locks.acquire(name, { lease: '5s', wait: '30s' });
          inside += 1;
          expect(inside).toBe(1);
          tokens.push(lock.fencingToken);
          await delay(2);
          lock.assertHeld();
          inside -= 1;
        });
        await Promise.all(contenders);
        expect(tokens).toHaveLength(50);
        const steps = tokens.slice(1).map((token, at) => token - (tokens[at] ?? token));
        expect(steps.every((step) => step > 0n)).toBe(true);
      });
      it('is not had twice, and is had by its name only', async () => {
        const name = fresh();
        await using lock = await locks.acquire(name);
        expect(lock.name).toBe(name);
        expect(await locks.tryAcquire(name)).toBeUndefined();
        await using other = await locks.tryAcquire(`${name}:other`);
        expect(other?.isHeld).toBe(true);
      });
      it('may be called anything', async () => {
        for (const edge of ['{', '}', '{}', '}{', '%7D', 'a b', '\u0000', '漢😀', 'x'.repeat(900)]) {
          const name = `${edge}${fresh()}`;
          await using lock = await locks.acquire(name);
          expect(lock.isHeld).toBe(true);
          expect(await locks.tryAcquire(name)).toBeUndefined();
        }
      });
      it('without a name, or with a lease too short to be renewed, is refused', async () => {
        const refused = { code: 'INVALID_ARGUMENT', reason: 'bad-lock' };
        await expect(locks.acquire('')).rejects.toMatchObject(refused);
        await expect(locks.acquire('x'.repeat(2_000))).rejects.toMatchObject(refused);
        await expect(locks.acquire(fresh(), { lease: '50ms' })).rejects.toMatchObject(refused);
      });
    });

    describe('waiting', () => {
      it('ends at its time with ABORTED', async () => {
        const name = fresh();
        await using lock = await locks.acquire(name);
        const startedAt = performance.now();
        const waiting = locks.acquire(name, { wait: '300ms' });
        await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', reason: 'lock-taken', retryable: true });
        const tookMs = performance.now() - startedAt;
        expect(tookMs).toBeGreaterThan(290);
        expect(tookMs).toBeLessThan(1_500);
        expect(lock.isHeld).toBe(true);
      });
      it('ends when the lock is released, and what was had then is held for a whole lease', async () => {
        const name = fresh();
        const first = await locks.acquire(name);
        const waiting = locks.acquire(name, { lease: '2s', wait: '10s' });
        await delay(2_500);
        const releasedAt = performance.now();
        await first.release();
        await using second = await waiting;
        expect(performance.now() - releasedAt).toBeLessThan(500);
        expect(second.isHeld).toBe(true);
        expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
        await delay(3_000);
        expect(second.isHeld).toBe(true);
      });
      it('may last longer than a call may', { timeout: 30_000 }, async () => {
        const name = fresh();
        const first = await locks.acquire(name);
        const waiting = locks.acquire(name, { wait: '20s' });
        await delay(6_000);
        await first.release();
        await using second = await waiting;
        expect(second.isHeld).toBe(true);
      });
      it('ends with the signal, and takes no lock along', async () => {
        const name = fresh();
        const first = await locks.acquire(name);
        const controller = new AbortController();
        const waiting = locks.acquire(name, { wait: '30s', signal: controller.signal });
        setTimeout(() => controller.abort(), 50);
        await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
        await first.release();
        await using next = await locks.acquire(name, { wait: '2s' });
        expect(next.isHeld).toBe(true);
      });
    });

    describe('a lease', () => {
      it('is renewed for as long as the lock is held', async () => {
        const name = fresh();
        await using lock = await locks.acquire(name, { lease: '400ms' });
        for (let at = 0; at < 15; at++) {
          await delay(100);
          expect(lock.isHeld).toBe(true);
          expect(await locks.tryAcquire(name)).toBeUndefined();
        }
        expect(lock.signal.aborted).toBe(false);
      });
      it('that was not renewed in time aborts the signal before anything else is done, and another may have the lock', async () => {
        const name = fresh();
        const lock = await locks.acquire(name, { lease: '500ms' });
        const { signal } = lock;
        const first = Promise.race([
          new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'))),
          delay(0, 'went on'),
        ]);
        pauseThisProcess(700);
        expect(lock.isHeld).toBe(false);
        expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ reason: 'lock-lost' }));
        expect(await first).toBe('aborted');
        expect(signal.reason).toMatchObject({ code: 'ABORTED', reason: 'lock-lost' });
        await using next = await locks.acquire(name, { wait: '2s' });
        expect(next.fencingToken).toBeGreaterThan(lock.fencingToken);
        expect(await lock.release()).toBe(false);
        expect(next.isHeld).toBe(true);
        expect(await locks.tryAcquire(name)).toBeUndefined();
      });
      it('aborts the signal by itself when nobody looks', async () => {
        const name = fresh();
        const { signal } = await locks.acquire(name, { lease: '300ms' });
        const aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(true)));
        pauseThisProcess(400);
        expect(await aborted).toBe(true);
      });
      it('looks at the clock when its signal is looked at, however it was kept', async () => {
        const name = fresh();
        const { signal } = await locks.acquire(name, { lease: '300ms' });
        expect(signal.aborted).toBe(false);
        pauseThisProcess(400);
        expect(signal.aborted).toBe(true);
        expect(() => signal.throwIfAborted()).toThrow(expect.objectContaining({ reason: 'lock-lost' }));
      });
    });

    describe('releasing', () => {
      it('is done by `await using`, also when the code throws', async () => {
        const name = fresh();
        const failing = async (): Promise<void> => {
          await using lock = await locks.acquire(name);
          lock.assertHeld();
          throw new Error('mine');
        };
        await expect(failing()).rejects.toThrow('mine');
        await using lock = await locks.tryAcquire(name);
        expect(lock?.isHeld).toBe(true);
      });
      it('happens once, says so, and leaves nothing to be held', async () => {
        const lock = await locks.acquire(fresh());
        expect(await lock.release()).toBe(true);
        expect(await lock.release()).toBe(true);
        expect(lock.isHeld).toBe(false);
        expect(lock.signal.aborted).toBe(false);
        expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ reason: 'lock-lost' }));
      });
    });

    describe('withLock', () => {
      it('answers what the code answers, and gives the lock back', async () => {
        const name = fresh();
        const result = await locks.withLock(name, { lease: '1s' }, async (lock) => {
          expect(await locks.tryAcquire(name)).toBeUndefined();
          return lock.fencingToken;
        });
        expect(result).toBeGreaterThan(0n);
        await using lock = await locks.tryAcquire(name);
        expect(lock?.fencingToken).toBeGreaterThan(result);
      });
      it('rejects when the lock was lost before the code was done', async () => {
        const running = locks.withLock(fresh(), { lease: '300ms' }, () => pauseThisProcess(500));
        await expect(running).rejects.toMatchObject({ reason: 'lock-lost' });
      });
    });
  });
}

/** Nothing of this process runs meanwhile, timers neither: what SIGSTOP does, seen from inside. */
function pauseThisProcess(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
