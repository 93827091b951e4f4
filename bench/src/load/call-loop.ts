import { Histogram } from './histogram.ts';

/** One run of a loop of calls, as the variants are asked for it. */
export interface LoopOrder {
  /** "cache-get" */
  task: string;
  /** Calls under way at any time. */
  inFlight: number;
  warmUpMs: number;
  durationMs: number;
}

export interface LoopReport {
  calls: number;
  errors: number;
  seconds: number;
  p50Us: number;
  p99Us: number;
  /** What the first failed call failed with. */
  firstError?: string;
}

/** Keeps so many calls under way: each that ends starts the next. Counts what ends after the warm-up. */
export async function runCallLoop(call: () => PromiseLike<unknown>, order: LoopOrder): Promise<LoopReport> {
  const histogram = new Histogram();
  let calls = 0;
  let errors = 0;
  let firstError: string | undefined;
  const begin = performance.now() + order.warmUpMs;
  const end = begin + order.durationMs;
  const work = async (): Promise<void> => {
    for (;;) {
      const startedAt = performance.now();
      const failed = await call().then(
        () => false,
        (error: unknown) => {
          firstError ??= String(error);
          return true;
        },
      );
      const now = performance.now();
      if (now >= end) return;
      if (now < begin) continue;
      calls += 1;
      if (failed) errors += 1;
      histogram.record((now - startedAt) * 1_000);
    }
  };
  await Promise.all(Array.from({ length: order.inFlight }, work));
  const seconds = order.durationMs / 1_000;
  const quantiles = { p50Us: histogram.quantile(0.5), p99Us: histogram.quantile(0.99) };
  return { calls, errors, seconds, ...quantiles, ...(firstError === undefined ? {} : { firstError }) };
}

/** Calls that are over before they can be timed one by one, run one after the other in a tight loop. */
export async function runTightLoop(call: () => PromiseLike<unknown>, order: LoopOrder): Promise<LoopReport> {
  const batch = 10_000;
  const runBatch = async (): Promise<void> => {
    for (let at = 0; at < batch; at++) await call();
  };
  const warmUntil = performance.now() + order.warmUpMs;
  while (performance.now() < warmUntil) await runBatch();
  const startedAt = performance.now();
  let calls = 0;
  while (performance.now() - startedAt < order.durationMs) {
    await runBatch();
    calls += batch;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const meanUs = (seconds / calls) * 1e6;
  return { calls, errors: 0, seconds, p50Us: meanUs, p99Us: meanUs };
}
