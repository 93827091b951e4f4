import { describe, expect, it, vi } from 'vitest';
import { NO_BODY } from '../ingress/http-body.ts';
import { type Admitted, Invocation, type Loaded } from '../layer.ts';
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
    stateReportJson: '',
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
    cors: undefined,
    loadedBody,
  };
}

/** What the function process says of it from its beginning to its end. */
function done({ place }: Admitted): void {
  place.sent();
  place.over(true);
  place.leave();
}

/** How many of twenty that come now need not wait. */
function admittedAtOnce(limiter: FunctionLimiter): number {
  const all = Array.from({ length: 20 }, () => limiter.admit(loaded()));
  for (const each of all) if (each instanceof Promise) each.catch(() => {});
  return all.filter((each) => !(each instanceof Promise)).length;
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
    expect([limiter.taken, limiter.waiting]).toEqual([2, 3]);
    done(first);
    for (const one of waiting) done(await one);
    expect(order).toEqual([1, 2, 3]);
    expect(limiter.taken).toBe(1);
  });
  it('keeps a place until the function process says that it is over, whatever becomes of its caller', async () => {
    const limiter = new FunctionLimiter(1, 10);
    const { place } = await limiter.admit(loaded());
    place.sent();
    place.started();
    place.leave();
    expect([limiter.taken, limiter.inFlight, limiter.abandoned]).toEqual([1, 1, 1]);
    const next = limiter.admit(loaded());
    expect(limiter.waiting).toBe(1);
    place.over();
    done(await next);
    expect([limiter.taken, limiter.inFlight, limiter.abandoned]).toEqual([0, 0, 0]);
  });
  it('frees a place that was never sent when its caller leaves, and one whose function process is gone', async () => {
    const limiter = new FunctionLimiter(2, 10);
    const [unsent, lost] = [await limiter.admit(loaded()), await limiter.admit(loaded())];
    unsent.place.leave();
    expect(limiter.taken).toBe(1);
    lost.place.sent();
    lost.place.lost();
    expect([limiter.taken, limiter.inFlight]).toEqual([1, 0]); // it may be sent again
    lost.place.sent();
    lost.place.leave();
    lost.place.lost();
    expect([limiter.taken, limiter.inFlight, limiter.abandoned]).toEqual([0, 0, 0]);
  });
  it('refuses at once when the line is full', async () => {
    const limiter = new FunctionLimiter(1, 0);
    void limiter.admit(loaded());
    await expect(limiter.admit(loaded())).rejects.toMatchObject({ reason: 'overloaded', code: 'UNAVAILABLE' });
  });
  it('lets nobody wait until the deadline, or after the client has left', async () => {
    const limiter = new FunctionLimiter(1, 10);
    await limiter.admit(loaded());
    await expect(limiter.admit(loaded(20))).rejects.toMatchObject({ reason: 'overloaded', code: 'UNAVAILABLE' });
    const leaving = loaded();
    const waiting = limiter.admit(leaving);
    leaving.invocation.cancel('client-closed');
    await expect(waiting).rejects.toMatchObject({ reason: 'client-closed' });
    expect([limiter.taken, limiter.waiting]).toEqual([1, 0]);
  });
  it('refuses at once whoever would not be done before the deadline, as fast as the line moves', async () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(1, 100);
    const first = await limiter.admit(loaded());
    const line = Array.from({ length: 20 }, () => limiter.admit(loaded()));
    done(first);
    for (const waiting of line.slice(0, 10)) {
      const { place } = await waiting;
      place.sent();
      vi.advanceTimersByTime(50);
      place.over();
    }
    // Nine are before it, 50 ms each, and its own 50 ms.
    await expect(limiter.admit(loaded(500))).rejects.toMatchObject({ reason: 'overloaded' });
    const patient = limiter.admit(loaded(1_000));
    for (const waiting of line.slice(10)) done(await waiting);
    done(await patient);
    expect([limiter.taken, limiter.waiting]).toEqual([0, 0]);
    vi.useRealTimers();
  });
  it('sends no more than begins soon, and more again when starts are fast', async () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(100, 1_000);
    const places = Array.from({ length: 40 }, () => limiter.admit(loaded()) as Admitted).map(({ place }) => place);
    for (const place of places) place.sent();
    for (const place of places) {
      vi.advanceTimersByTime(5); // the event loop is busy for 5 ms with each
      place.over(true);
    }
    const line = Array.from({ length: 50 }, async () => await limiter.admit(loaded()));
    expect([limiter.taken, limiter.waiting]).toEqual([5, 45]);
    for (const one of line) {
      const { place } = await one;
      place.sent();
      vi.advanceTimersByTime(0.1);
      place.started(); // it has begun, and waits for something
    }
    expect(limiter.inFlight).toBe(50);
    vi.useRealTimers();
  });
  it('sends no more with lent places either, and those before the others', async () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(1, 1_000);
    const lent = (): Loaded => {
      const one = loaded();
      one.invocation.hasLentPlace = true;
      return one;
    };
    const places = Array.from({ length: 40 }, () => limiter.admit(lent()) as Admitted).map(({ place }) => place);
    for (const place of places) place.sent();
    for (const place of places) {
      vi.advanceTimersByTime(5); // the event loop is busy for 5 ms with each
      place.over(true);
    }
    const order: string[] = [];
    const come = async (name: string, one: Loaded): Promise<void> => {
      const { place } = await limiter.admit(one);
      order.push(name);
      place.sent();
      vi.advanceTimersByTime(5);
      place.over();
      place.leave();
    };
    const all = Array.from({ length: 7 }, () => limiter.admit(lent()));
    expect([limiter.taken, limiter.waiting]).toEqual([5, 2]);
    const further = [come('outside', loaded()), come('lent', lent())];
    for (const waiting of all) done(await waiting);
    await Promise.all(further);
    expect(order).toEqual(['lent', 'outside']);
    expect([limiter.taken, limiter.waiting]).toEqual([0, 0]);
    vi.useRealTimers();
  });
  it('does not take what was dropped for what has begun: that tells nothing of how fast starts are', () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(100, 1_000);
    const all = Array.from({ length: 30 }, () => limiter.admit(loaded()) as Admitted);
    for (const { place } of all) place.sent();
    const slow = all.splice(0, 2);
    for (const { place } of slow) {
      vi.advanceTimersByTime(25);
      place.started(); // two in 50 ms: no more than two may be on their way
    }
    for (const { place } of all) {
      place.leave();
      place.over(); // all in one frame
    }
    expect(admittedAtOnce(limiter)).toBe(2);
    vi.useRealTimers();
  });
  it('knows how fast starts are from those that are over before their answer has come by an RPC of its own', () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(100, 1_000);
    const all = Array.from({ length: 20 }, () => limiter.admit(loaded()) as Admitted).map(({ place }) => place);
    for (const place of all) place.sent(true);
    for (const place of all) {
      vi.advanceTimersByTime(5);
      place.over();
      place.leave();
    }
    expect(admittedAtOnce(limiter)).toBe(5);
    vi.useRealTimers();
  });
  it('knows how fast starts are from answers, but not from those that say that nothing has begun', () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(100, 1_000);
    const all = Array.from({ length: 30 }, () => limiter.admit(loaded()) as Admitted).map(({ place }) => place);
    for (const place of all) place.sent();
    for (const place of all.splice(0, 10)) {
      vi.advanceTimersByTime(5);
      place.over(true); // the answer of one that took 5 ms
    }
    for (const place of all) place.over(false); // dropped, all in one frame
    expect(admittedAtOnce(limiter)).toBe(5);
    vi.useRealTimers();
  });
  it('lets the line wait while the function process is away', async () => {
    vi.useFakeTimers();
    const limiter = new FunctionLimiter(2, 100);
    const held = [await limiter.admit(loaded()), await limiter.admit(loaded())];
    for (const { place } of held) place.hold();
    const line: Promise<Admitted>[] = [];
    for (let at = 0; at < 30; at++) {
      line.push(Promise.resolve(limiter.admit(loaded())));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(limiter.waiting).toBe(30);
    for (const admitted of held) done(admitted);
    for (const waiting of line) done(await waiting);
    expect([limiter.taken, limiter.waiting]).toEqual([0, 0]);
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
        const { place } = await asked;
        expect(limiter.taken).toBeLessThanOrEqual(3);
        const steps = [() => place.sent(), () => place.started(), () => place.leave(), () => place.over()];
        if (random(4) === 0) steps.splice(3, 0, () => place.lost());
        if (random(4) === 0) steps.splice(0, 0, () => place.hold());
        for (const step of steps) {
          for (let turns = random(5); turns > 0; turns--) await Promise.resolve();
          step();
        }
      } catch {
        // refused or given up: it holds no place
      } finally {
        visit.invocation.clearDeadline();
      }
    });
    await Promise.all(visits);
    expect([limiter.taken, limiter.inFlight, limiter.abandoned, limiter.waiting]).toEqual([0, 0, 0, 0]);
  });
});
