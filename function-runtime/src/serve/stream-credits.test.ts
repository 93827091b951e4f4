import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StreamCredits } from './stream-credits.ts';

const PIECE = 34 * 1024;

async function isWaiting(room: Promise<void> | undefined): Promise<boolean> {
  let isFree = room === undefined;
  void room?.then(() => (isFree = true));
  await nextTurn();
  return !isFree;
}

describe('the credit of a stream', () => {
  it('is two pieces, and what was passed on', async () => {
    const credits = new StreamCredits();
    const credit = credits.open('a');
    expect(credit.take(PIECE)).toBeUndefined();
    expect(credit.take(PIECE)).toBeUndefined();
    const third = credit.take(PIECE);
    expect(await isWaiting(third)).toBe(true);
    credits.taken('b', PIECE);
    expect(await isWaiting(third)).toBe(true);
    credits.taken('a', PIECE);
    expect(await isWaiting(third)).toBe(false);
    expect(await isWaiting(credit.take(1))).toBe(true);
  });
  it('is enough for a piece of any size when nothing else is under way', async () => {
    const credits = new StreamCredits();
    const credit = credits.open('a');
    expect(credit.take(1_000_000)).toBeUndefined();
    expect(await isWaiting(credit.take(1))).toBe(true);
  });
  it('is no matter any more when the stream is over, or nobody can say what was passed on', async () => {
    const credits = new StreamCredits();
    const [closed, left] = [credits.open('a'), credits.open('b')];
    const waits = [closed, left].map((credit) => [credit.take(2 * PIECE), credit.take(PIECE)][1]);
    closed.close();
    expect(await Promise.all(waits.map(isWaiting))).toEqual([false, true]);
    credits.release();
    expect(await isWaiting(waits[1])).toBe(false);
    expect(left.take(10 * PIECE)).toBeUndefined();
    credits.taken('b', 1);
  });
});
