import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Heartbeat, type HeartbeatOptions } from './heartbeat.ts';

let heartbeat: Heartbeat;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  heartbeat.stop();
  vi.useRealTimers();
});

function start(options: Partial<HeartbeatOptions> = {}) {
  const silent = vi.fn<HeartbeatOptions['onSilence']>();
  const answered = vi.fn<() => void>();
  const ping = vi.fn<() => Promise<void>>(options.ping ?? (() => new Promise(() => {})));
  const isGreeted = (): Promise<boolean> => Promise.resolve(false);
  heartbeat = new Heartbeat({
    isExpected: () => true,
    isGreeted,
    onSilence: silent,
    onAnswer: answered,
    ...options,
    ping,
  });
  return { silent, answered, ping };
}

it('asks every second for as long as it is answered', async () => {
  const { silent, answered, ping } = start({ ping: () => Promise.resolve() });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ping.mock.calls.length).toBeGreaterThanOrEqual(8);
  expect(answered.mock.calls.length).toBe(ping.mock.calls.length);
  expect(silent).not.toHaveBeenCalled();
});

it('gives a connection up that is silent for two seconds, and a third in which a fresh one is greeted; once', async () => {
  const { silent } = start({ isGreeted: () => Promise.resolve(true) });
  await vi.advanceTimersByTimeAsync(1_000 + 2_900);
  expect(silent).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(silent.mock.calls).toEqual([['connection']]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(silent).toHaveBeenCalledTimes(1);
});

it('takes six seconds without a word on any connection for a process that is stuck', async () => {
  const { silent } = start();
  await vi.advanceTimersByTimeAsync(1_000 + 5_900);
  expect(silent).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(silent.mock.calls).toEqual([['process']]);
});

it('takes a process for busy that answers late, although it greeted somebody else before', async () => {
  const { silent } = start({ isGreeted: () => Promise.resolve(true) });
  for (let at = 0; at < 5; at++) {
    await vi.advanceTimersByTimeAsync(2_900);
    heartbeat.heard();
  }
  expect(silent).not.toHaveBeenCalled();
});

it('takes whatever comes for a sign of life', async () => {
  const { silent } = start();
  for (let at = 0; at < 20; at++) {
    await vi.advanceTimersByTimeAsync(1_000);
    heartbeat.heard();
  }
  expect(silent).not.toHaveBeenCalled();
});

it('expects nothing while the other side loads its code', async () => {
  let isLoaded = false;
  const { silent, ping } = start({ isExpected: () => isLoaded });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(ping).not.toHaveBeenCalled();
  isLoaded = true;
  await vi.advanceTimersByTimeAsync(8_000);
  expect(silent).toHaveBeenCalledTimes(1);
});
