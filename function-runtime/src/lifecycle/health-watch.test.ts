import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FaaSLogger, HealthCheck } from 'bottle-sdk';
import { HealthWatch } from './health-watch.ts';

let watch: HealthWatch;
let checks: HealthCheck[];
let changes: boolean[];
let lines: unknown[];
beforeEach(() => {
  vi.useFakeTimers();
  [checks, changes, lines] = [[], [], []];
  const note = (fields: unknown, message?: string): void => void lines.push(message ?? fields);
  const logger = { warn: note, info: note } as unknown as FaaSLogger;
  watch = new HealthWatch({ checks: () => checks, onChange: (isHealthy) => changes.push(isHealthy), logger });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

const given = (...next: HealthCheck[]): void => {
  checks = next;
  watch.update();
};
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('the health of layers', () => {
  it('is well without checks', async () => {
    given();
    await pass(10_000);
    expect(changes).toEqual([]);
  });
  it('is not well before every check has said so', async () => {
    const slow = Promise.withResolvers<boolean>();
    given(
      () => true,
      () => slow.promise,
    );
    expect(changes).toEqual([false]);
    await pass(100);
    expect(changes).toEqual([false]);
    slow.resolve(true);
    await pass(0);
    expect(changes).toEqual([false, true]);
  });
  it('follows a check within half a second, both ways, and says so once in the log', async () => {
    let isWell: boolean | Error = true;
    given(() => {
      if (isWell instanceof Error) throw isWell;
      return isWell;
    });
    await pass(3_100);
    for (const bad of [false, new Error('down')]) {
      isWell = bad;
      await pass(500);
      expect(changes.at(-1)).toBe(false);
      await pass(3_000);
      isWell = true;
      await pass(500);
      expect(changes.at(-1)).toBe(true);
    }
    expect(changes).toEqual([false, true, false, true, false, true]);
    const [fails, isWellAgain] = ["a layer's health check fails", "a layer's health check is well again"];
    expect(lines).toEqual([fails, isWellAgain, fails, isWellAgain]);
  });
  it('is not held up by a check that hangs, which has failed after two seconds, and is well when it says so at last', async () => {
    const hanging = Promise.withResolvers<boolean>();
    let asked = 0;
    let signal: AbortSignal | undefined;
    let other = true;
    given(
      (given) => {
        asked += 1;
        signal = given;
        return asked === 1 ? true : hanging.promise;
      },
      () => other,
    );
    await pass(500); // the second run begins
    expect([asked, changes]).toEqual([2, [false, true]]);
    await pass(1_999);
    expect([changes, signal?.aborted]).toEqual([[false, true], false]);
    await pass(1);
    expect([changes, signal?.aborted]).toEqual([[false, true, false], true]);
    other = false;
    await pass(60_000);
    expect(asked).toBe(2); // nothing piles up
    other = true;
    hanging.resolve(true);
    await pass(500);
    expect(changes).toEqual([false, true, false, true]);
  });
  it('is that of the checks of now', async () => {
    given(() => false);
    await pass(10);
    given();
    expect(changes).toEqual([false, true]);
    given(() => true);
    await pass(10);
    expect(changes).toEqual([false, true, false, true]);
  });
  it('is not looked at any more when it is closed', async () => {
    let asked = 0;
    given(() => {
      asked += 1;
      return true;
    });
    await pass(10);
    watch.close();
    await pass(10_000);
    watch.update();
    expect([asked, vi.getTimerCount()]).toEqual([1, 0]);
  });
});
