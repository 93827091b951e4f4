import { type Samples, sample, scrapeInFlight } from './in-flight.ts';
import type { LoadResult } from './load-messages.ts';
import { runLoad } from './run-load.ts';
import type { Shape } from './shapes.ts';
import type { StartedPod } from './stage.ts';

const WARM_UP_MS = 1_000;
/** A request of the loaded function has to be done so soon after the load has ended. */
const WELL_AFTER_MS = 1_000;

/** What a function does when it always has just enough to do, per second. */
export async function capacityOf(port: number, path: string, clients: number, durationMs: number): Promise<number> {
  const { good, seconds } = await runLoad({
    port,
    path,
    headers: {},
    pace: { kind: 'closed', clients },
    warmUpMs: WARM_UP_MS,
    durationMs,
    deadlineMs: 30_000,
  });
  return good / seconds;
}

/** One step of load, and what another function and the pod were like meanwhile. */
export interface Step {
  rate: number;
  load: LoadResult;
  other: LoadResult;
  samples: Samples;
  /** Answered 504 although it had never begun. */
  neverBegan: number;
  /** After the load: milliseconds of the slowest of ten requests to each function; Infinity: one was not good. */
  wellMs: number;
  isRunning: boolean;
}

export async function runStep(
  pod: StartedPod,
  { path, shape, rate, durationMs }: { path: string; shape: Shape; rate: number; durationMs: number },
): Promise<Step> {
  const { deadlineMs, patienceMs } = shape;
  const common = { port: pod.port, warmUpMs: WARM_UP_MS, durationMs };
  const stop = sample(pod);
  const other = runLoad({
    ...common,
    path: '/other?wait=20',
    headers: {},
    pace: { kind: 'closed', clients: 1 },
    deadlineMs: 2_000,
  });
  const load = await runLoad({
    ...common,
    path,
    headers: { 'x-bottle-timeout-ms': String(deadlineMs) },
    pace: { kind: 'open', rate },
    patienceMs,
    deadlineMs,
  });
  const samples = await stop();
  await new Promise((resolve) => setTimeout(resolve, WELL_AFTER_MS));
  const wellMs = Math.max(await slowestOf(pod, path), await slowestOf(pod, '/other?wait=20'));
  const neverBegan = await postJson(pod, '/begun', load.ids.late);
  return {
    rate,
    load,
    other: await other,
    samples,
    neverBegan: (neverBegan as string[]).length,
    wellMs,
    isRunning: pod.runtime.isRunning,
  };
}

/** The places that are taken when nothing runs. */
export async function placesAtRest(pod: StartedPod): Promise<number> {
  let taken = 0;
  for (const { sidecar } of (await scrapeInFlight(pod)).values()) taken += sidecar;
  return taken;
}

async function slowestOf(pod: StartedPod, path: string): Promise<number> {
  let slowest = 0;
  for (let at = 0; at < 10; at++) {
    const startedAt = performance.now();
    const response = await fetch(`${pod.url}${path}`, { method: 'POST' });
    await response.arrayBuffer();
    slowest = Math.max(slowest, response.status === 200 ? performance.now() - startedAt : Number.POSITIVE_INFINITY);
  }
  return slowest;
}

async function postJson(pod: StartedPod, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return await (await fetch(`${pod.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}
