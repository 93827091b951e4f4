import type { GroupPosition, QueueConsumer, QueueDriver, QueueListener, QueueRecord } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DONE, type Outcome } from './outcome.ts';
import type { MqPlan } from './plan.ts';
import { TriggerConsumer } from './trigger-consumer.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;

/** A queue that does what the test says. */
class Queue {
  readonly commits: ReadonlyMap<number, GroupPosition>[] = [];
  readonly running: { offset: bigint; end(outcome?: Outcome): void }[] = [];
  listener: QueueListener | undefined;
  isClosed = false;
  commitError: BottleError | undefined;
  readonly consumer: TriggerConsumer;

  constructor(more: Partial<MqPlan> = {}) {
    const consumer: QueueConsumer = {
      problem: undefined,
      commit: async (positions) => {
        if (this.commitError) throw this.commitError;
        this.commits.push(positions);
      },
      ends: async () => new Map(),
      broken: new Map(),
      skip: () => false,
      close: async () => void (this.isClosed = true),
    };
    const driver = {
      consume: (_subscription, listener) => {
        this.listener = listener;
        this.isClosed = false;
        return consumer;
      },
    } as Pick<QueueDriver, 'consume'> as QueueDriver;
    const plan: MqPlan = {
      id: 'p',
      functionName: 'f',
      resource: 'r',
      topic: 't',
      group: 'g',
      fromBeginning: true,
      batch: undefined,
      batchWaitMs: 0,
      concurrency: 4,
      attempts: 3,
      backoffMs: 1_000,
      maxBackoffMs: 1_000,
      deadLetterTopic: 'dead',
      isReady: true,
      async invoke(messages, settle) {
        for (const [at, { record }] of messages.entries())
          running.push({ offset: record.offset, end: (outcome = DONE) => settle(at, outcome) });
      },
      ...more,
    };
    const { running } = this;
    const observer = { counters: () => ({ tried: () => {}, retried: () => {}, ended: () => {} }) };
    this.consumer = new TriggerConsumer({ plan, driver, observer, log: silent });
  }

  assign(next = 0n): void {
    this.listener?.assigned(new Map([[0, { next, ahead: [] }]]));
  }

  feed(from: number, count: number, headers: QueueRecord['headers'] = []): Promise<void> | undefined {
    const records = Array.from(
      { length: count },
      (_, at): QueueRecord => ({
        partition: 0,
        offset: BigInt(from + at),
        key: undefined,
        value: Buffer.from('v'),
        headers,
        timestampMs: 1,
      }),
    );
    const end = BigInt(from + count);
    return this.listener?.records(0, records, { next: end, end });
  }

  async end(count: number, outcome?: Outcome): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      this.running.shift()?.end(outcome);
      await vi.advanceTimersByTimeAsync(0);
    }
  }

  get committed(): bigint | undefined {
    return this.commits.at(-1)?.get(0)?.next;
  }
}

async function open(more: Partial<MqPlan> = {}): Promise<Queue> {
  vi.useFakeTimers();
  const queue = new Queue(more);
  queue.consumer.setServing(true);
  await vi.advanceTimersByTimeAsync(0);
  return queue;
}

afterEach(() => void vi.useRealTimers());

describe('a consumer', () => {
  it('commits what is finished a little later, together, and what is finished beyond it', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 4);
    queue.running.splice(1, 1)[0]?.end();
    await queue.end(1);
    expect(queue.commits).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(queue.commits).toEqual([new Map([[0, { next: 2n, ahead: [] }]])]);
    queue.running.pop()?.end();
    await vi.advanceTimersByTimeAsync(200);
    expect(queue.commits.at(-1)?.get(0)).toEqual({ next: 2n, ahead: [{ from: 3n, to: 4n }] });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(queue.commits).toHaveLength(2);
  });
  it('tries a commit again when the queue does not answer', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 1);
    queue.commitError = new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'down');
    await queue.end(1);
    await vi.advanceTimersByTimeAsync(2_000);
    queue.commitError = undefined;
    await vi.advanceTimersByTimeAsync(600);
    expect(queue.committed).toBe(1n);
  });
  it('begins nothing while positions cannot be committed, and goes on when they can', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 10);
    queue.commitError = new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'down');
    await queue.end(1);
    await vi.advanceTimersByTimeAsync(100);
    await queue.end(4);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([queue.running, queue.consumer.problem]).toEqual([[], 'positions cannot be committed']);
    queue.commitError = undefined;
    await vi.advanceTimersByTimeAsync(600);
    expect(queue.consumer.problem).toBeUndefined();
    expect(queue.running.map(({ offset }) => offset)).toEqual([5n, 6n, 7n, 8n]);
  });
  it('does not run again what was finished and could not be committed, when the partition comes back', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 4);
    queue.commitError = new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'down');
    await queue.end(4);
    await vi.advanceTimersByTimeAsync(200);
    await queue.listener?.revoked([0], AbortSignal.abort());
    queue.commitError = undefined;
    queue.assign();
    void queue.feed(0, 5);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(queue.running.map(({ offset }) => offset)).toEqual([4n]);
    expect(queue.committed).toBe(4n);
  });
  it('takes no more of a partition while much of it is unfinished, until half of that is done', async () => {
    const queue = await open();
    queue.assign();
    expect(queue.feed(0, 400)).toBeUndefined();
    let hasRoom = false;
    void queue.feed(400, 300)?.then(() => (hasRoom = true));
    await queue.end(440);
    expect(hasRoom).toBe(false);
    await queue.end(20);
    expect(hasRoom).toBe(true);
  });
  it('starts nothing while its function cannot be invoked, and leaves the group when that lasts', async () => {
    const queue = await open();
    queue.assign();
    queue.consumer.setServing(false);
    const room = queue.feed(0, 2);
    expect([queue.running.length, room === undefined]).toEqual([0, false]);
    queue.consumer.setServing(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.running).toHaveLength(2);
    await queue.end(2);
    queue.consumer.setServing(false);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(queue.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(queue.isClosed).toBe(true);
    queue.consumer.setServing(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.isClosed).toBe(false);
  });
  it('gives a partition away when what runs is finished and committed, and starts nothing more of it', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 20);
    let isGiven = false;
    void queue.listener?.revoked([0], never).then(() => (isGiven = true));
    await queue.end(3);
    expect([isGiven, queue.running.length]).toEqual([false, 1]);
    await queue.end(1);
    expect([isGiven, queue.committed]).toEqual([true, 4n]);
  });
  it('gives it away all the same when there is no more time, and commits nothing of it afterwards', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 2);
    const late = new AbortController();
    const given = queue.listener?.revoked([0], late.signal);
    late.abort();
    await given;
    await queue.end(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(queue.commits).toEqual([]);
  });
  it('neither runs a message twice nor forgets that it was finished when the partition comes back', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 3);
    await queue.listener?.revoked([0], AbortSignal.abort());
    await queue.end(1);
    queue.assign();
    void queue.feed(0, 4);
    expect(queue.running.map(({ offset }) => offset)).toEqual([1n, 2n, 3n]);
    await queue.end(3);
    await vi.advanceTimersByTimeAsync(200);
    expect(queue.committed).toBe(4n);
  });
  it('skips what is for another group alone', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 2, [{ name: 'bottle-retry-group', value: Buffer.from('other') }]);
    void queue.feed(2, 1, [{ name: 'bottle-retry-group', value: Buffer.from('g') }]);
    expect(queue.running.map(({ offset }) => offset)).toEqual([2n]);
    await queue.end(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(queue.committed).toBe(3n);
  });
  it('drains: finishes what runs, commits it, and leaves the group', async () => {
    const queue = await open();
    queue.assign();
    void queue.feed(0, 20);
    let isDrained = false;
    void queue.consumer.drain().then(() => (isDrained = true));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([isDrained, queue.consumer.inFlight]).toEqual([false, 5]);
    await queue.end(4);
    expect([isDrained, queue.isClosed, queue.committed, queue.running.length]).toEqual([true, true, 4n, 0]);
    expect(queue.consumer.inFlight).toBe(0);
  });
});
