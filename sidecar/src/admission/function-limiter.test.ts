import { describe, expect, it, vi } from 'vitest';
import { NO_BODY } from '../ingress/http-body.ts';
import { Invocation, type Loaded } from '../layer.ts';
import { FunctionLimiter } from './function-limiter.ts';

function loaded(timeoutMs = 10_000): Loaded {
  const invocation = new Invocation({
    id: 'i',
    target: { kind: 'event', function: 'f', contentType: '' },
    body: NO_BODY,
  });
  invocation.setTimeout(timeoutMs);
  const info = {
    name: 'f',
    handler: '',
    state: 'FUNCTION_STATE_READY' as const,
    stateReason: '',
    timeoutMs,
    concurrency: 1,
    idempotent: false,
    uses: [],
    usesDeclared: false,
    mq: [],
    timers: [],
    rpc: [],
    cloudEvents: [],
    gateway: [],
    http: [],
  };
  const loadedBody = { kind: 'bytes' as const, bytes: Buffer.alloc(0) };
  return {
    invocation,
    function: info,
    params: [],
    route: '',
    timeoutMs,
    streamsBody: false,
    idempotency: null,
    loadedBody,
  };
}

describe('FunctionLimiter', () => {
  it('admits as many as it has places, the others in the order they came', async () => {
    const limiter = new FunctionLimiter(2, 10);
    const [first] = [await limiter.admit(loaded()), await limiter.admit(loaded())];
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      const admitted = await limiter.admit(loaded());
      order.push(number);
      return admitted;
    });
    expect([limiter.inFlight, limiter.waiting]).toEqual([2, 3]);
    first?.release();
    for (const one of waiting) (await one).release();
    expect(order).toEqual([1, 2, 3]);
    expect(limiter.inFlight).toBe(1);
  });
  it('refuses at once when the line is full', () => {
    const limiter = new FunctionLimiter(1, 0);
    void limiter.admit(loaded());
    expect(() => limiter.admit(loaded())).toThrow(
      expect.objectContaining({ reason: 'concurrency-limit', code: 'UNAVAILABLE' }),
    );
  });
  it('lets nobody wait beyond the deadline, or after the client has left', async () => {
    const limiter = new FunctionLimiter(1, 10);
    await limiter.admit(loaded());
    await expect(limiter.admit(loaded(20))).rejects.toMatchObject({ reason: 'deadline-in-queue' });
    const leaving = loaded();
    const waiting = limiter.admit(leaving);
    leaving.invocation.cancel('client-closed');
    await expect(waiting).rejects.toMatchObject({ reason: 'client-closed' });
    expect([limiter.inFlight, limiter.waiting]).toEqual([1, 0]);
  });
  it('refuses at once whoever would not be done before the deadline, as fast as the line moves', async () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(1, 100);
    const first = await limiter.admit(loaded());
    const line = Array.from({ length: 20 }, () => limiter.admit(loaded()));
    first.release();
    for (const waiting of line.slice(0, 10)) {
      vi.advanceTimersByTime(50);
      (await waiting).release();
    }
    // Nine are before it, 50 ms each, and its own 50 ms.
    expect(() => limiter.admit(loaded(500))).toThrow(expect.objectContaining({ reason: 'concurrency-limit' }));
    const patient = limiter.admit(loaded(1_000));
    for (const waiting of line.slice(10)) (await waiting).release();
    (await patient).release();
    expect([limiter.inFlight, limiter.waiting]).toEqual([0, 0]);
    vi.useRealTimers();
  });
  it('never loses or doubles a place, whoever gives up when', async () => {
    const limiter = new FunctionLimiter(3, 50);
    let state = 42;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const visits = Array.from({ length: 400 }, async () => {
      const visit = loaded();
      for (let turns = random(40); turns > 0; turns--) await Promise.resolve();
      try {
        const asked = limiter.admit(visit);
        if (random(3) === 0) visit.invocation.cancel('client-closed');
        const admitted = await asked;
        expect(limiter.inFlight).toBeLessThanOrEqual(3);
        for (let turns = random(10); turns > 0; turns--) await Promise.resolve();
        admitted.release();
      } catch {
        // refused or given up: it holds no place
      } finally {
        visit.invocation.clearDeadline();
      }
    });
    await Promise.all(visits);
    expect([limiter.inFlight, limiter.waiting]).toEqual([0, 0]);
  });
});
