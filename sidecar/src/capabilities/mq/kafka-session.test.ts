import { expect, it, vi } from 'vitest';
import { untilUsable } from './kafka-session.ts';

it('an answer that kafkajs cannot use is asked for again, five times', async () => {
  const tripped = new TypeError("Cannot read properties of null (reading 'topicMetadata')");
  const soon = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(tripped)
    .mockRejectedValueOnce(tripped)
    .mockResolvedValue('known');
  expect(await untilUsable(soon)).toBe('known');
  const never = vi.fn<() => Promise<string>>().mockRejectedValue(tripped);
  await expect(untilUsable(never)).rejects.toBe(tripped);
  expect([soon.mock.calls.length, never.mock.calls.length]).toEqual([3, 5]);
});
it('a reason that it gives is passed on at once', async () => {
  const reason = new Error('UNKNOWN_TOPIC_OR_PARTITION');
  const ask = vi.fn<() => Promise<string>>().mockRejectedValue(reason);
  await expect(untilUsable(ask)).rejects.toBe(reason);
  expect(ask).toHaveBeenCalledOnce();
});
