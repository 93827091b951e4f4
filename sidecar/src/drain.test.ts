import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Drain, type DrainOptions } from './drain.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function drainOf(options: Partial<DrainOptions>): { steps: string[]; drain: Drain } {
  const steps: string[] = [];
  const drain = new Drain({
    propagationMs: 1_000,
    budgetMs: 10_000,
    startClosing: () => steps.push('closing'),
    stopListening: async () => void steps.push('stopped listening'),
    closeIdleConnections: () => steps.push('closed idle'),
    inFlight: () => 0,
    awaited: () => 0,
    log: { info() {}, warn() {} },
    ...options,
  });
  void drain.start().then(({ remaining }) => steps.push(`drained, ${remaining} remaining`));
  return { steps, drain };
}

it('serves for the propagation, then closes the ports, then idle connections', async () => {
  const { steps } = drainOf({});
  expect(steps).toEqual(['closing']);
  await vi.advanceTimersByTimeAsync(999);
  expect(steps).toEqual(['closing']);
  await vi.advanceTimersByTimeAsync(1);
  expect(steps).toEqual(['closing', 'stopped listening']);
  await vi.advanceTimersByTimeAsync(200);
  expect(steps).toEqual(['closing', 'stopped listening', 'closed idle', 'drained, 0 remaining']);
});

it('closes nothing before the ports are closed, however long that takes', async () => {
  const closed = Promise.withResolvers<void>();
  const { steps } = drainOf({ stopListening: () => closed.promise });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(steps).toEqual(['closing']);
  closed.resolve();
  await vi.advanceTimersByTimeAsync(200);
  expect(steps).toEqual(['closing', 'closed idle', 'drained, 0 remaining']);
});

it('waits for the first request of a new connection, for a second', async () => {
  let awaited = 1;
  let inFlight = 0;
  const { steps } = drainOf({ awaited: () => awaited, inFlight: () => inFlight });
  await vi.advanceTimersByTimeAsync(1_900);
  awaited = 0;
  inFlight = 1;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(steps).not.toContain('closed idle');
  inFlight = 0;
  await vi.advanceTimersByTimeAsync(20);
  expect(steps).toContain('drained, 0 remaining');

  const silent = drainOf({ awaited: () => 1 });
  await vi.advanceTimersByTimeAsync(2_020);
  expect(silent.steps).toContain('drained, 0 remaining');
});

it('cuts off what is under way when the budget is spent', async () => {
  const { steps } = drainOf({ inFlight: () => 2 });
  await vi.advanceTimersByTimeAsync(10_999);
  expect(steps).not.toContain('closed idle');
  await vi.advanceTimersByTimeAsync(30);
  expect(steps).toContain('drained, 2 remaining');
});
