import { describe, expect, it } from 'vitest';
import { TopicFanOut } from './topic-fan-out.ts';

const ignoreLoss = (): void => {};

describe('the fan-out of a channel', () => {
  it('subscribes once however many listen, and ends with the last one', () => {
    const fanOut = new TopicFanOut();
    const [one, other] = [
      { onMessage: () => {}, onLost: ignoreLoss },
      { onMessage: () => {}, onLost: ignoreLoss },
    ];
    expect(fanOut.add('news', one)).toBe(true);
    expect(fanOut.add('news', other)).toBe(false);
    expect(fanOut.delete('news', one)).toBe(false);
    expect(fanOut.delete('news', one)).toBe(false);
    expect(fanOut.delete('news', other)).toBe(true);
    expect(fanOut.tell('news', Buffer.from('x'))).toBe(0);
  });

  it('tells ten thousand in slices, each of them everything in order, and nobody who has left', async () => {
    const fanOut = new TopicFanOut();
    const heard = Array.from({ length: 10_000 }, () => [] as string[]);
    const subscribers = heard.map((list) => ({
      onMessage: (_channel: string, payload: Buffer) => void list.push(payload.toString()),
      onLost: ignoreLoss,
    }));
    for (const subscriber of subscribers) fanOut.add('news', subscriber);
    expect(fanOut.tell('news', Buffer.from('1'))).toBe(10_000);
    fanOut.tell('news', Buffer.from('2'));
    expect(heard.filter((list) => list.length > 0).length).toBeLessThan(1_000);
    const left = subscribers.at(-1);
    if (left) fanOut.delete('news', left);
    await expect.poll(() => heard.at(-2)).toEqual(['1', '2']);
    expect(heard.slice(0, -1).every((list) => list.join() === '1,2')).toBe(true);
    expect(heard.at(-1)).toEqual([]);
  });

  it('keeps no more than a bound of messages waiting', () => {
    const fanOut = new TopicFanOut();
    let heard = 0;
    for (let at = 0; at < 1_000; at++) fanOut.add('news', { onMessage: () => void (heard += 1), onLost: ignoreLoss });
    for (let at = 0; at < 1_500; at++) fanOut.tell('news', Buffer.from('x'));
    expect(heard).toBeGreaterThanOrEqual(500_000);
  });
});
