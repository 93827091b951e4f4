import { beforeEach, describe, expect, it } from 'vitest';
import { type Start, StartQueue } from './start-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let nowMs = 0;
beforeEach(() => void (nowMs = 1_000));

/** Time that passes while nothing else can happen. */
function busy(ms: number): void {
  nowMs += ms;
}

/** Busy in a microtask, as functions are. */
function later(ms: number): () => void {
  return () => void Promise.resolve().then(() => busy(ms));
}

/** Adds starts to a queue and writes down what becomes of them. */
class Bench {
  readonly queue: StartQueue;
  readonly log: string[] = [];

  constructor(weights: Readonly<Record<string, number>> = {}) {
    this.queue = new StartQueue({ weightOf: (name) => weights[name] ?? 100, now: () => nowMs });
  }

  add(name: string, work: () => void = () => {}, deadlineMs = 60_000): { isGone: boolean } {
    const start: Start & { isGone: boolean } = {
      deadlineAt: nowMs + deadlineMs,
      isGone: false,
      begin: () => {
        this.log.push(name);
        work();
      },
      drop: () => void this.log.push(`${name} dropped`),
    };
    const share = this.queue.shareOf(name);
    if (this.queue.beginsAtOnce(share, nowMs)) start.begin(nowMs);
    else this.queue.add(share, start);
    return start;
  }

  async until(count: number): Promise<void> {
    for (let turns = 0; this.log.length < count && turns < 10_000; turns++) await turn();
  }
}

describe('the start queue', () => {
  it('4: begins at once what comes alone', () => {
    const bench = new Bench();
    bench.add('a');
    expect(bench.log).toEqual(['a']);
  });
  it('1: gives the event loop its turn after a few milliseconds of starts, be they in microtasks', async () => {
    const bench = new Bench();
    let turns = 0;
    let isCounting = true;
    const count = (): void => {
      turns += 1;
      if (isCounting) setImmediate(count);
    };
    setImmediate(count);
    const work = async (): Promise<void> => {
      await Promise.resolve();
      await Promise.resolve();
      busy(2);
    };
    for (let at = 0; at < 40; at++) bench.add('a', () => void work());
    await bench.until(40);
    isCounting = false;
    expect(turns).toBeGreaterThanOrEqual(19); // two in each turn
  });
  it('1: begins many short ones in one turn', async () => {
    const bench = new Bench();
    for (let at = 0; at < 20; at++) bench.add('a');
    await Promise.resolve();
    await turn();
    await turn();
    expect(bench.log).toHaveLength(20);
  });
  it('2: begins nothing that was cancelled, or whose deadline has passed, while it waited', async () => {
    const bench = new Bench();
    bench.add('first', later(30));
    const cancelled = bench.add('cancelled');
    bench.add('late', () => {}, 20);
    bench.add('last');
    cancelled.isGone = true;
    await bench.until(3);
    expect(bench.log).toEqual(['first', 'late dropped', 'last']);
  });
  it('2: begins nothing that could not be done in what is left', async () => {
    const bench = new Bench();
    bench.queue.shareOf('late').tookMs(50);
    bench.add('first', later(10));
    bench.add('late', () => {}, 40);
    await bench.until(2);
    expect(bench.log).toEqual(['first', 'late dropped']);
  });
  it('2: reads what has come during a long start before it goes on: it may be a cancel', async () => {
    const bench = new Bench();
    bench.add('long', () => busy(30));
    const waiting = bench.add('waiting');
    setImmediate(() => (waiting.isGone = true)); // comes at the end of this turn
    await bench.until(2);
    for (let turns = 0; turns < 5; turns++) await turn();
    expect(bench.log).toEqual(['long']);
  });
  it('3: lets a function pass that a flood of another one is before', async () => {
    const bench = new Bench();
    for (let at = 0; at < 50; at++) bench.add('flood', () => busy(2));
    bench.add('other');
    await bench.until(51);
    expect(bench.log.indexOf('other')).toBeLessThanOrEqual(4);
  });
  it('3: shares the time by weight', async () => {
    const bench = new Bench({ light: 10, heavy: 30 });
    for (let at = 0; at < 60; at++) {
      bench.add('light', () => busy(1));
      bench.add('heavy', () => busy(1));
    }
    await bench.until(60);
    const heavy = bench.log.slice(0, 60).filter((name) => name === 'heavy').length;
    expect(heavy).toBeGreaterThanOrEqual(44);
    expect(heavy).toBeLessThanOrEqual(46);
  });
  it('3: does not hold against a function what it, or another one, has done before', async () => {
    const bench = new Bench({ light: 1, other: 1, heavy: 200 });
    for (let at = 0; at < 50; at++) {
      bench.add('light', later(5)); // its virtual time runs far ahead
      bench.add('other');
      await bench.until(bench.log.length + 2);
      await turn();
    }
    bench.log.length = 0;
    for (let at = 0; at < 50; at++) bench.add('heavy', later(5));
    bench.add('other');
    await bench.until(51);
    expect(bench.log.indexOf('other')).toBeLessThanOrEqual(4);
  });
  it('5: begins several short ones together, and one by one after a long one', async () => {
    const bench = new Bench();
    const begunTogether = async (): Promise<number> => {
      const before = bench.log.length;
      for (let at = 0; at < 30; at++) bench.add('a', () => busy(0.05));
      const together = bench.log.length - before;
      await bench.until(before + 30);
      await turn();
      return together;
    };
    expect(await begunTogether()).toBe(1);
    expect(await begunTogether()).toBe(8);
    bench.add('a', () => busy(4));
    await turn();
    await turn();
    expect(await begunTogether()).toBe(1);
  });
});
