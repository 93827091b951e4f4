import { type Samples, sample } from '../in-flight.ts';
import { startCpuClock } from './cpu-clock.ts';
import type { DoorsStage } from './stage.ts';
import type { Door } from './door.ts';
import { type DoorResult, runDoorLoad } from './door-load.ts';
import { DOORS, type DoorName } from './doors.ts';

export const DEADLINE_MS = 2_000;
const WARM_UP_MS = 1_000;
/** A request has to be done so soon after the load has ended. */
const WELL_AFTER_MS = 1_000;

/** One step of load through a door, and how the pod was. */
export interface DoorStep {
  rate: number;
  load: DoorResult;
  samples: Samples;
  /** Of a core, in percent: the function process and the sidecar. */
  cpuPercent: number[];
  /** Answered 504 although it had never begun. */
  neverBegan: number;
  /** After the load: milliseconds of the slowest of ten requests through the door; Infinity: one was not good. */
  wellMs: number;
  isRunning: boolean;
}

export async function runDoorStep(
  { pod, ports }: DoorsStage,
  { door, rate, durationMs }: { door: DoorName; rate: number; durationMs: number },
): Promise<DoorStep> {
  const stop = sample(pod);
  const readCpu = startCpuClock([pod.runtime.pid, pod.sidecar.pid]);
  const load = await runDoorLoad({ door, ports, rate, durationMs, warmUpMs: WARM_UP_MS, deadlineMs: DEADLINE_MS });
  const cpuPercent = readCpu();
  const samples = await stop();
  await new Promise((resolve) => setTimeout(resolve, WELL_AFTER_MS));
  const client = DOORS[door].open(ports, 'cpu');
  const wellMs = await slowestOf(client).finally(() => client.close());
  const begun = await fetch(`${pod.url}/begun`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(load.lateIds),
  });
  const neverBegan = ((await begun.json()) as string[]).length;
  return { rate, load, samples, cpuPercent, neverBegan, wellMs, isRunning: pod.runtime.isRunning };
}

async function slowestOf(client: Door): Promise<number> {
  let slowest = 0;
  for (let at = 0; at < 10; at++) {
    const startedAt = performance.now();
    const { kind } = await client.ask(DEADLINE_MS);
    slowest = Math.max(slowest, kind === 'good' ? performance.now() - startedAt : Number.POSITIVE_INFINITY);
  }
  return slowest;
}
