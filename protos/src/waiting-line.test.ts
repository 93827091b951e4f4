import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Waiter, WaitingLine } from './waiting-line.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A line before one place that takes `paceMs` each, and what became of everybody, with how long it waited. */
class Bench {
  readonly line: WaitingLine;
  readonly granted: { name: number; waitedMs: number }[] = [];
  readonly refused: { name: number; waitedMs: number }[] = [];
  #count = 0;

  constructor(isPatient = false) {
    this.line = new WaitingLine(1_000, { isPatient });
  }

  come(deadlineMs = 2_000): Waiter {
    const name = this.#count++;
    const now = performance.now();
    const settle = (list: { name: number; waitedMs: number }[]) => (): void =>
      void list.push({ name, waitedMs: performance.now() - now });
    const waiter = {
      places: 1,
      deadlineAt: now + deadlineMs,
      grant: settle(this.granted),
      refuse: settle(this.refused),
    };
    if (!this.line.join(waiter, { typicalMs: 5, capacity: 1 }, now)) waiter.refuse();
    return waiter;
  }

  /** For so long, `every` milliseconds somebody comes, and each `paceMs` there is a place. */
  run(forMs: number, every: number, paceMs: number, deadlineMs?: number): void {
    for (let ms = 1; ms <= forMs; ms++) {
      vi.advanceTimersByTime(1);
      if (ms % every === 0) this.come(deadlineMs);
      if (ms % paceMs === 0) this.grantOne();
    }
  }

  grantOne(): void {
    const next = this.line.next();
    if (next) this.line.grant(next, performance.now());
  }
}

describe('a line', () => {
  it('1: serves a burst that can be done within its deadlines in its order, and refuses nobody', () => {
    const bench = new Bench();
    for (let at = 0; at < 200; at++) bench.come();
    bench.run(1_100, 10_000, 5);
    expect(bench.granted.map(({ name }) => name)).toEqual(Array.from({ length: 200 }, (_, at) => at));
    expect(bench.refused).toEqual([]);
  });
  it('1: refuses at once whoever could not be done in time', () => {
    const bench = new Bench();
    for (let at = 0; at < 50; at++) bench.come();
    bench.run(100, 10_000, 5); // 5 ms each, 30 are left
    bench.come(100);
    expect(bench.refused.map(({ waitedMs }) => waitedMs)).toEqual([0]);
    bench.come(400);
    expect(bench.refused).toHaveLength(1);
  });
  it('takes in no more bodies than memory has room for, and as many again when they have left', () => {
    const line = new WaitingLine(1_000);
    const now = performance.now();
    const join = (): boolean => {
      const waiter: Waiter = {
        places: 1,
        bytes: 1024 * 1024,
        deadlineAt: now + 2_000,
        grant: () => {},
        refuse: () => {},
      };
      return line.join(waiter, { typicalMs: 0, capacity: 10 }, now);
    };
    expect(Array.from({ length: 200 }, join).filter(Boolean)).toHaveLength(128);
    for (let next = line.next(); next; next = line.next()) line.grant(next, now);
    expect(join()).toBe(true);
  });
  it('1: takes in no more than its places can do in time while it has not moved yet', () => {
    const line = new WaitingLine(1_000);
    const now = performance.now();
    const waiter = (): Waiter => ({ places: 1, deadlineAt: now + 2_000, grant: () => {}, refuse: () => {} });
    const joined = Array.from({ length: 100 }, () => line.join(waiter(), { typicalMs: 1_000, capacity: 10 }, now));
    expect(joined.filter(Boolean)).toHaveLength(8); // a tenth of a second each, and a quarter of that to spare
  });
  it('3: is not standing for clients that each wait for their answer, however many', () => {
    const bench = new Bench();
    for (let at = 0; at < 100; at++) bench.come();
    for (let ms = 1; ms <= 10_000; ms++) {
      vi.advanceTimersByTime(1);
      if (ms % 5 !== 0) continue;
      bench.grantOne();
      bench.come(); // 100 clients, 5 ms each: each waits for half a second
    }
    expect(bench.line.isStanding).toBe(false);
    expect(bench.refused).toEqual([]);
  });
  it('3: is standing when those who wait give up, whatever their deadline', () => {
    const bench = new Bench();
    const waiting: { waiter: Waiter; until: number }[] = [];
    let goneBefore = 0;
    for (let ms = 1; ms <= 4_000; ms++) {
      vi.advanceTimersByTime(1);
      waiting.push({ waiter: bench.come(30_000), until: ms + 100 });
      for (; (waiting[goneBefore]?.until ?? ms) < ms; goneBefore++) {
        const gone = waiting[goneBefore];
        if (gone) bench.line.leave(gone.waiter);
      }
      if (ms % 5 === 0) bench.grantOne();
    }
    expect(bench.line.isStanding).toBe(true);
    expect(Math.max(...bench.granted.slice(-500).map(({ waitedMs }) => waitedMs))).toBeLessThanOrEqual(25);
  });
  it.each([200, 2_000, 30_000])('2, 3: serves the newest under standing overload, deadline %i ms', (deadlineMs) => {
    const bench = new Bench();
    bench.run(12_000, 1, 5, deadlineMs); // five times as much as can be done
    expect(bench.line.isStanding).toBe(true);
    const [granted, refused] = [bench.granted.length, bench.refused.length];
    bench.run(5_000, 1, 5, deadlineMs);
    const late = bench.granted.slice(granted);
    expect(late.length).toBe(1_000); // every place is used
    expect(Math.max(...late.map(({ waitedMs }) => waitedMs))).toBeLessThanOrEqual(25);
    const waits = bench.refused.slice(refused).map(({ waitedMs }) => waitedMs);
    expect(waits.length).toBeGreaterThan(3_900);
    expect(Math.max(...waits)).toBeLessThanOrEqual(35);
  });
  it('2: keeps what it promised before the overload, and serves the newest beside', () => {
    const bench = new Bench();
    bench.run(300, 1, 5);
    expect(bench.line.isStanding).toBe(true);
    bench.run(2_500, 1, 5);
    expect(bench.refused.filter(({ waitedMs }) => waitedMs > 35)).toEqual([]);
    expect(bench.granted.filter(({ waitedMs }) => waitedMs > 200).length).toBeGreaterThan(100);
  });
  it('2: serves who was let in before in time, when every second place would be too late', () => {
    const bench = new Bench();
    bench.run(100, 10_000, 10); // what is known: nothing yet
    for (let at = 0; at < 120; at++) bench.come();
    bench.run(1_000, 2, 10); // each takes 10 ms: the last one of those before is due after 1.2 s of 2
    bench.run(1_500, 2, 10);
    expect(bench.line.isStanding).toBe(true);
    expect(bench.refused.filter(({ name }) => name < 120)).toEqual([]);
    expect(bench.granted.filter(({ name }) => name < 120)).toHaveLength(120);
  });
  it('1: knows how fast it moves where places come back in groups', () => {
    const line = new WaitingLine(1_000);
    const join = (deadlineMs: number): boolean => {
      const now = performance.now();
      const waiter = { places: 1, deadlineAt: now + deadlineMs, grant: () => {}, refuse: () => {} };
      return line.join(waiter, { typicalMs: 0, capacity: 20 }, now); // of what it takes nothing is known
    };
    for (let at = 0; at < 200; at++) join(10_000);
    for (let group = 0; group < 5; group++) {
      vi.advanceTimersByTime(100);
      for (let at = 0; at < 20; at++) {
        const next = line.next();
        if (next) line.grant(next, performance.now());
      }
    }
    expect(line.size).toBe(100); // each 5 ms: half a second in all
    expect([join(400), join(800)]).toEqual([false, true]);
  });
  it('3: is calm again when the load has ended', () => {
    const bench = new Bench();
    bench.run(1_000, 1, 5);
    bench.run(3_000, 10_000, 5);
    expect(bench.line.size).toBe(0);
    bench.come();
    expect(bench.line.isStanding).toBe(false);
  });
  it('4: forgets who leaves', () => {
    const bench = new Bench();
    const [first, second] = [bench.come(), bench.come()];
    bench.line.leave(first);
    expect(bench.line.next()).toBe(second);
    bench.line.leave(second);
    expect(bench.line.next()).toBeUndefined();
    vi.advanceTimersByTime(10_000);
    expect([bench.granted, bench.refused]).toEqual([[], []]);
  });
  it('5: that is patient stays first come, first served, and refuses at once whoever could not be done in time', () => {
    const bench = new Bench(true);
    bench.run(3_000, 1, 5, 200);
    expect(bench.line.isStanding).toBe(false);
    const names = bench.granted.map(({ name }) => name);
    expect(names).toEqual(names.toSorted((a, b) => a - b));
    expect(names.length).toBeGreaterThan(560); // of 600 places
    expect(bench.refused.filter(({ waitedMs }) => waitedMs > 0).length).toBeLessThan(200); // while the pace was not known
  });
  it('refuses nobody while it is paused', () => {
    const bench = new Bench();
    bench.line.isPaused = true;
    bench.run(1_900, 100, 10_000);
    expect([bench.line.size, bench.refused]).toEqual([19, []]);
    bench.line.isPaused = false;
    bench.run(200, 10_000, 5);
    expect(bench.granted).toHaveLength(19);
  });
});
