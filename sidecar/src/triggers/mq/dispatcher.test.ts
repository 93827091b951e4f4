import type { QueueDriver, QueueMessage, QueueRecord } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeadLetters } from './dead-letters.ts';
import { Dispatcher } from './dispatcher.ts';
import { DONE, type Outcome } from './outcome.ts';
import { PartitionWindow } from './partition-window.ts';
import type { MqPlan, MqResult } from './plan.ts';

const failed: Outcome = {
  kind: 'failed',
  error: new BottleError(Code.INTERNAL, 'boom', 'it does not work'),
  afterMs: undefined,
};
const refused: Outcome = { kind: 'refused', error: new BottleError(Code.INVALID_ARGUMENT, 'invalid-input', 'no') };
const excused: Outcome = {
  kind: 'excused',
  error: new BottleError(Code.UNAVAILABLE, 'shutdown', ''),
  hasCrashed: false,
};
const tooMuch: Outcome = {
  kind: 'excused',
  error: new BottleError(Code.UNAVAILABLE, 'overloaded', ''),
  hasCrashed: false,
};
const away: Outcome = {
  kind: 'excused',
  error: new BottleError(Code.UNAVAILABLE, 'breaker-open', '', { details: { resource: 'cache.main' } }),
  hasCrashed: false,
  isAway: true,
};
const crashed: Outcome = { ...excused, hasCrashed: true };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** An invocation under way. */
interface Call {
  names: string[];
  attempts: number[];
  /** Ends all of its messages, or those given by name. */
  end(outcome: Outcome, ...names: string[]): void;
}

class Bench {
  readonly calls: Call[] = [];
  readonly ended: MqResult[] = [];
  readonly published: QueueMessage[] = [];
  readonly window = new PartitionWindow(0, { next: 0n, ahead: [] });
  publishFailures = 0;
  mayCome = true;
  readonly dispatcher: Dispatcher;
  #offset = 0n;

  constructor(more: Partial<MqPlan> = {}) {
    const plan: MqPlan = {
      id: 'p',
      functionName: 'f',
      resource: 'r',
      topic: 't',
      group: 'g',
      fromBeginning: true,
      batch: undefined,
      batchWaitMs: 50,
      concurrency: 4,
      attempts: 3,
      backoffMs: 100,
      maxBackoffMs: 1_000,
      deadLetterTopic: 'dead',
      isReady: true,
      invoke: (messages, settle, signal) => this.#invoke(messages, settle, signal),
      ...more,
    };
    const publish: QueueDriver['publish'] = async (_topic, messages) => {
      if (this.publishFailures-- > 0) throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'down');
      this.published.push(...messages);
      return [];
    };
    this.dispatcher = new Dispatcher({
      plan,
      deadLetters: new DeadLetters({ plan, driver: { publish } as QueueDriver, log: silent }),
      counters: { tried: () => {}, retried: () => {}, ended: (result) => void this.ended.push(result) },
      onFinished: (delivery) => this.window.finish(delivery),
      onSettled: () => {},
      mayCome: () => this.mayCome,
    });
    this.dispatcher.isOpen = true;
  }

  /** "a1": the key a; "-1": none. */
  add(...names: string[]): void {
    for (const name of names) {
      const key = name.startsWith('-') ? undefined : Buffer.from(name.slice(0, 1));
      const offset = this.#offset++;
      const record: QueueRecord = { partition: 0, offset, key, value: Buffer.from(name), headers: [], timestampMs: 1 };
      const delivery = this.window.add(record);
      if (delivery) this.dispatcher.add(delivery);
    }
    this.dispatcher.dispatch();
  }

  /** Names of what runs now. */
  get running(): string[] {
    return this.calls.flatMap(({ names }) => names);
  }

  async end(outcome: Outcome, ...names: string[]): Promise<void> {
    for (const call of this.calls.toReversed()) call.end(outcome, ...names);
    await vi.advanceTimersByTimeAsync(0);
  }

  #invoke: MqPlan['invoke'] = (messages, settle) => {
    const all = messages.map(({ record }) => record.value?.toString() ?? '');
    const call: Call = {
      names: [...all],
      attempts: messages.map(({ attempt }) => attempt),
      end: (outcome, ...names) => {
        for (const name of names.length === 0 ? [...call.names] : names) {
          if (!call.names.includes(name)) continue;
          call.names = call.names.filter((each) => each !== name);
          settle(all.indexOf(name), outcome);
        }
        if (call.names.length > 0) return;
        this.calls.splice(this.calls.indexOf(call), 1);
        done.resolve();
      },
    };
    const done = Promise.withResolvers<void>();
    this.calls.push(call);
    return done.promise;
  };
}

afterEach(() => void vi.useRealTimers());

describe('the dispatcher', () => {
  it('runs one message of each key at a time, in order, and as many keys as there are places', async () => {
    vi.useFakeTimers();
    const bench = new Bench();
    bench.add('a1', 'a2', 'b1', 'c1', 'd1', 'e1', '-1');
    expect(bench.running).toEqual(['a1', 'b1', 'c1', 'd1']);
    await bench.end(DONE, 'a1');
    expect(bench.running.toSorted()).toEqual(['b1', 'c1', 'd1', 'e1']); // e1 was there before a2 could run
    await bench.end(DONE, 'b1', 'c1');
    expect(bench.running.toSorted()).toEqual(['-1', 'a2', 'd1', 'e1']);
    await bench.end(DONE);
    expect(bench.window.position.next).toBe(7n);
  });
  it('tries a message again after a pause, while its key waits and others go on', async () => {
    vi.useFakeTimers();
    const bench = new Bench();
    bench.add('a1', 'a2', 'b1');
    await bench.end(failed, 'a1');
    await bench.end(DONE, 'b1');
    await bench.end(DONE);
    expect(bench.running).toEqual([]);
    bench.add('b2');
    expect(bench.running).toEqual(['b2']);
    await vi.advanceTimersByTimeAsync(130);
    expect(bench.running).toEqual(['b2', 'a1']);
    expect(bench.calls.at(-1)?.attempts).toEqual([2]);
    await bench.end(DONE);
    expect(bench.running).toEqual(['a2']);
  });
  it('doubles the pause, up to its bound, unless the function says when', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ attempts: 99 });
    bench.add('a1');
    for (const atMostMs of [125, 250, 500, 1_000, 1_250, 1_250]) {
      await bench.end(failed);
      await vi.advanceTimersByTimeAsync(atMostMs);
      expect(bench.running).toEqual(['a1']);
    }
    await bench.end({ ...failed, afterMs: 7_000 });
    await vi.advanceTimersByTimeAsync(6_900);
    expect(bench.running).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(bench.running).toEqual(['a1']);
  });
  it('is not done with a dead letter before its topic has acknowledged it', async () => {
    const bench = new Bench({ attempts: 1 });
    bench.publishFailures = 1_000;
    bench.add('a1', 'a2');
    bench.calls[0]?.end(failed);
    await vi.waitFor(() => expect(bench.publishFailures).toBeLessThan(1_000));
    expect([bench.running, bench.window.position.next]).toEqual([[], 0n]);
    bench.publishFailures = 0;
    await vi.waitFor(() => expect(bench.running).toEqual(['a2']), 5_000);
    expect(bench.published.map(({ value }) => value?.toString())).toEqual(['a1']);
    expect([bench.running, bench.window.position.next]).toEqual([['a2'], 1n]);
    expect(bench.ended).toEqual(['dead-letter']);
  });
  it('begins nothing of a partition whose dead letter cannot be written, until it can be', async () => {
    const bench = new Bench({ attempts: 1 });
    bench.publishFailures = 2;
    bench.add('a1');
    bench.calls[0]?.end(failed);
    await vi.waitFor(() => expect(bench.window.held).toEqual({ offset: 0n, reason: 'down' }));
    bench.add('b1', '-1');
    expect(bench.running).toEqual([]);
    await vi.waitFor(() => expect(bench.running).toEqual(['b1', '-1']), 5_000);
    expect(bench.window.held).toBeUndefined();
  });
  it('leaves a dead letter that cannot be written at once when its partition goes away', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ attempts: 1 });
    bench.publishFailures = 1_000;
    bench.add('a1');
    await bench.end(failed);
    bench.window.close();
    await bench.window.idle(new AbortController().signal);
    expect([bench.ended, bench.window.position.next]).toEqual([[], 0n]);
  });
  it('makes a dead letter at once of what trying again would not help', async () => {
    vi.useFakeTimers();
    const bench = new Bench();
    bench.add('a1');
    await bench.end(refused);
    expect(bench.published).toHaveLength(1);
  });
  it('forgets what the function drops, and what was tried often enough where nothing is kept', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ attempts: 1, deadLetterTopic: '' });
    bench.add('a1', 'b1');
    await bench.end({ kind: 'dropped' }, 'a1');
    await bench.end(failed);
    expect(bench.ended).toEqual(['dropped', 'given-up']);
    expect([bench.published, bench.window.position.next]).toEqual([[], 2n]);
  });
  it('does not count what is not the message’s fault', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ attempts: 1 });
    bench.add('a1');
    for (let turn = 0; turn < 20; turn++) {
      expect(bench.calls[0]?.attempts).toEqual([1]);
      await bench.end(excused);
      await vi.advanceTimersByTimeAsync(300);
    }
    await bench.end(DONE);
    expect(bench.ended).toEqual(['done']);
  });
  it('runs a message alone with which the process died twice; when it dies again, that was its fault', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ attempts: 1 });
    bench.add('a1', 'b1');
    for (let turn = 0; turn < 2; turn++) {
      expect(bench.running.toSorted()).toEqual(['a1', 'b1']);
      await bench.end(crashed);
      await vi.advanceTimersByTimeAsync(300);
    }
    expect(bench.running).toHaveLength(1);
    bench.add('c1');
    const [suspect] = bench.running;
    expect(bench.running).toHaveLength(1);
    await bench.end(crashed);
    expect(bench.published.map(({ value }) => value?.toString())).toEqual([suspect]);
    expect(bench.running).toHaveLength(1); // the other suspect
    await bench.end(DONE);
    expect(bench.running).toEqual(['c1']);
  });
  it('fills a batch with different keys, and waits for it no longer than asked, or than it helps', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ batch: 3, concurrency: 2 });
    bench.add('a1', 'b1');
    expect(bench.running).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    expect(bench.running).toEqual(['a1', 'b1']);
    bench.add('a2', 'c1', 'd1', 'e1', 'f1');
    expect(bench.calls.map(({ names }) => names)).toEqual([
      ['a1', 'b1'],
      ['c1', 'd1', 'e1'],
    ]);
    await bench.end(DONE);
    expect(bench.running).toEqual([]);
    bench.add('f2');
    expect(bench.running).toEqual(['f1', 'a2']);
    await bench.end(DONE);
    bench.mayCome = false;
    bench.add('g1');
    expect(bench.running).toEqual(['f2', 'g1']);
  });
  it('tries again those of a batch that failed, and them alone', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ batch: 3, concurrency: 2 });
    bench.add('a1', 'b1', 'c1');
    bench.calls[0]?.end(DONE, 'a1');
    bench.calls[0]?.end(failed, 'b1');
    await bench.end(DONE);
    await vi.advanceTimersByTimeAsync(200);
    expect(bench.calls).toMatchObject([{ names: ['b1'], attempts: [2] }]);
  });
  it('starts nothing of a closed window, and lets go of what waits', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ concurrency: 2 });
    bench.add('a1', 'a2', 'b1', 'c1');
    await bench.end(failed, 'b1');
    bench.window.close();
    bench.dispatcher.sweep();
    await bench.end(DONE);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(bench.running).toEqual([]);
    await bench.window.idle(new AbortController().signal);
  });
  it('keeps the order of every key, whatever fails when', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ concurrency: 8, attempts: 1_000, backoffMs: 5, maxBackoffMs: 20 });
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const done: string[] = [];
    let count = 0;
    for (let turn = 0; turn < 3_000 && done.length < 400; turn++) {
      if (count < 400) bench.add(`${'abcdefghijkl'[random(12)]}${String(count++).padStart(4, '0')}`);
      const { running } = bench;
      expect(new Set(running.map((name) => name[0])).size).toBe(running.length);
      expect(running.length).toBeLessThanOrEqual(8);
      const name = running[random(Math.max(running.length, 1))];
      if (name !== undefined) {
        const outcome = [DONE, DONE, failed, excused][random(4)] ?? DONE;
        await bench.end(outcome, name);
        if (outcome === DONE) done.push(name);
      }
      await vi.advanceTimersByTimeAsync(random(10));
    }
    expect(done).toHaveLength(400);
    for (const key of 'abcdefghijkl') {
      const ofKey = done.filter((name) => name.startsWith(key));
      expect(ofKey).toEqual(ofKey.toSorted());
    }
    expect(bench.window.position.next).toBe(400n);
  });

  it('waits for a resource that is away, longer each time, and counts no attempt; then goes on at once', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ concurrency: 2, attempts: 1 });
    bench.add(...Array.from({ length: 40 }, (_, at) => `-${at}`));
    let rounds = 0;
    for (let ms = 0; ms < 20_000; ms += 50) {
      if (bench.running.length > 0) rounds += 1;
      await bench.end(away);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(rounds).toBeLessThan(20);
    expect(bench.dispatcher.waitsFor).toBe('cache.main');
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(100);
      await bench.end(DONE);
      expect(bench.ended).toHaveLength(40);
    }, 10_000);
    expect(new Set(bench.ended)).toEqual(new Set(['done']));
    expect(bench.dispatcher.waitsFor).toBeUndefined();
  });

  it('takes nothing more to a function that has too much to do, for a while, and counts no attempt', async () => {
    vi.useFakeTimers();
    const bench = new Bench({ concurrency: 2 });
    bench.add('a1', 'b1', 'c1', 'd1');
    const [first] = bench.running;
    await bench.end(tooMuch, first ?? '');
    expect(bench.dispatcher.isPaused).toBe(true);
    await bench.end(DONE);
    expect(bench.running).toEqual([]);
    for (let turns = 0; turns < 20; turns++) {
      await vi.advanceTimersByTimeAsync(100);
      await bench.end(DONE);
    }
    expect(bench.dispatcher.isPaused).toBe(false);
    expect(bench.ended).toEqual(['done', 'done', 'done', 'done']);
    expect(bench.calls.flatMap(({ attempts }) => attempts)).toEqual(
      bench.calls.flatMap(({ attempts }) => attempts.map(() => 1)),
    );
  });
});
