import type { QueueRecord } from '@bottle/capabilities';
import { describe, expect, it } from 'vitest';
import type { Delivery } from './delivery.ts';
import { PartitionWindow } from './partition-window.ts';

const recordOf = (offset: number, key?: string, timestampMs = 1): QueueRecord => ({
  partition: 3,
  offset: BigInt(offset),
  key: key === undefined ? undefined : Buffer.from(key),
  value: Buffer.from('v'),
  headers: [],
  timestampMs,
});
const never = new AbortController().signal;

function filled(offsets: readonly number[], window = new PartitionWindow(3, { next: 0n, ahead: [] })) {
  const deliveries = new Map<number, Delivery>();
  for (const offset of offsets) {
    const delivery = window.add(recordOf(offset));
    if (delivery) deliveries.set(offset, delivery);
  }
  const finish = (offset: number): void => {
    const delivery = deliveries.get(offset);
    if (delivery) window.finish(delivery);
  };
  return { window, deliveries, finish };
}

describe('the window of a partition', () => {
  it('has its position at the first message that is not finished, in whatever order others finish', () => {
    const { window, finish } = filled([0, 1, 2, 3, 4]);
    finish(3);
    finish(1);
    expect(window.position).toEqual({
      next: 0n,
      ahead: [
        { from: 1n, to: 2n },
        { from: 3n, to: 4n },
      ],
    });
    finish(0);
    expect(window.position).toEqual({ next: 2n, ahead: [{ from: 3n, to: 4n }] });
    finish(2);
    finish(4);
    expect(window.position).toEqual({ next: 5n, ahead: [] });
  });
  it('passes offsets that are no messages, or none any more', () => {
    const { window, finish } = filled([2, 7, 9]);
    expect(window.position.next).toBe(2n);
    finish(7);
    finish(9);
    expect(window.position).toEqual({ next: 2n, ahead: [{ from: 7n, to: 10n }] });
    finish(2);
    expect(window.position.next).toBe(10n);
    window.reach({ next: 12n, end: 12n });
    expect([window.position.next, window.lag]).toEqual([12n, 0]);
  });
  it('does not start what was committed as finished, and commits it again until the position passes it', () => {
    const ahead = [
      { from: 2n, to: 4n },
      { from: 6n, to: 9n },
    ];
    const { window, deliveries, finish } = filled([1, 2, 3, 4], new PartitionWindow(3, { next: 1n, ahead }));
    expect([...deliveries.keys()]).toEqual([1, 4]);
    expect(window.position).toEqual({ next: 1n, ahead });
    finish(1);
    expect(window.position).toEqual({ next: 4n, ahead: [{ from: 6n, to: 9n }] });
    for (const offset of [5, 6, 7, 8, 9]) window.add(recordOf(offset));
    expect(window.unfinished).toBe(3); // 4, 5 and 9
  });
  it('takes no record twice, and counts what it holds', () => {
    const { window, finish } = filled([0, 1, 1, 0]);
    expect([window.unfinished, window.span]).toEqual([2, 2]);
    expect(window.bytes).toBeGreaterThan(500);
    finish(0);
    finish(1);
    expect([window.unfinished, window.span, window.bytes, window.isDirty]).toEqual([0, 1, 0, true]);
    window.acknowledged(2n);
    expect(window.span).toBe(0);
  });
  it('is idle when the last message that runs has ended, or when it is not waited for any more', async () => {
    const { window } = filled([0]);
    await window.idle(never);
    window.began();
    window.began();
    const idle = window.idle(never);
    await window.idle(AbortSignal.abort());
    let isIdle = false;
    void idle.then(() => (isIdle = true));
    window.ended();
    await Promise.resolve();
    expect(isIdle).toBe(false);
    window.ended();
    await idle;
    expect(isIdle).toBe(true);
  });
  it('remembers tries, what runs and what is finished, for the next window of the partition', () => {
    const { window, deliveries, finish } = filled([0, 1, 2, 3]);
    const [running, tried] = [deliveries.get(0) as Delivery, deliveries.get(1) as Delivery];
    running.state = 'running';
    tried.attempts = 2;
    finish(3);
    const memory = window.close();
    const next = new PartitionWindow(3, { next: 0n, ahead: [] }, memory);
    expect(next.add(recordOf(0))).toBeUndefined(); // it still runs
    expect(next.add(recordOf(1))?.attempts).toBe(2);
    expect(next.add(recordOf(2))?.attempts).toBe(0);
    expect(next.add(recordOf(3))).toBeUndefined(); // it was finished
    running.window.finish(running);
    expect(next.position).toEqual({ next: 1n, ahead: [{ from: 3n, to: 4n }] });
  });
  it('remembers what its position has passed until that is acknowledged, through however many windows', () => {
    const { window, finish } = filled([0, 1, 2, 3, 4]);
    for (const offset of [0, 1, 2, 3]) finish(offset);
    window.acknowledged(1n);
    const empty = new PartitionWindow(3, { next: 1n, ahead: [] }, window.close());
    const next = filled([1, 2, 3, 4], new PartitionWindow(3, { next: 1n, ahead: [] }, empty.close()));
    expect([...next.deliveries.keys()]).toEqual([4]);
    expect([next.window.position, next.window.isDirty]).toEqual([{ next: 4n, ahead: [] }, true]);
    next.window.acknowledged(4n);
    const last = new PartitionWindow(3, { next: 1n, ahead: [] }, next.window.close());
    expect(last.add(recordOf(1))).toBeDefined(); // somebody has set the position back
  });
  it('remembers what the window before knew and it has not come to', () => {
    const { window, finish } = filled([0, 1, 2]);
    finish(2);
    const next = filled([0], new PartitionWindow(3, { next: 0n, ahead: [] }, window.close()));
    const last = filled([0, 1, 2], new PartitionWindow(3, { next: 0n, ahead: [] }, next.window.close()));
    expect([...last.deliveries.keys()]).toEqual([0, 1]);
  });
  it('remembers nothing of other messages with the same offsets', () => {
    const { window, finish } = filled([0, 1]);
    finish(0);
    finish(1);
    const open = filled([0, 1]);
    open.finish(1);
    const next = new PartitionWindow(3, { next: 0n, ahead: [] }, open.window.close());
    expect(next.add(recordOf(0, undefined, 2))).toBeDefined();
    expect(next.add(recordOf(1, undefined, 2))).toBeDefined();
    expect(window.close().ahead.size).toBe(0);
  });
});
