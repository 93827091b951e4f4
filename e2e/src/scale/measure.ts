import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { figuresOf } from '../soak/process-figures.ts';
import type { OpenAxis } from './axis.ts';

/** One size of one axis. */
export interface Measured {
  size: number;
  seconds: number;
  /** Of the pod's processes. */
  cpuSeconds: number;
  /** What the pod's processes held at most, over what they held before. */
  memoryMb: number;
  /** NaN where it could not be measured: with 10,000 readers client and server of the same process need 20,000 files. */
  directSeconds: number;
  /** Why it failed; undefined when it did not. */
  problem: string | undefined;
}

const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 20;
/** Longest that one size may take, in milliseconds. */
const TIMEOUT_MS = 120_000;

/** Runs one size, once through the pod and once without it. Never rejects. */
export async function measure(axis: OpenAxis, size: number): Promise<Measured> {
  const startedMb = memoryOf(axis);
  const startedCpu = cpuOf(axis);
  let peakMb = startedMb;
  const sampling = setInterval(() => (peakMb = Math.max(peakMb, memoryOf(axis))), SAMPLE_MS);
  const startedAt = performance.now();
  let problem: string | undefined;
  let after: (() => Promise<void>) | void = undefined;
  try {
    after = await Promise.race([axis.run(size), overTime()]);
  } catch (error) {
    problem = (error as Error).message;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuSeconds = cpuOf(axis) - startedCpu;
  clearInterval(sampling);
  await after?.();
  const directAt = performance.now();
  const isMeasured = await axis.direct(size).then(
    () => true,
    () => false,
  );
  const directSeconds = isMeasured ? (performance.now() - directAt) / 1_000 : Number.NaN;
  return { size, seconds, cpuSeconds, memoryMb: Math.max(0, peakMb - startedMb), directSeconds, problem };
}

async function overTime(): Promise<never> {
  await delay(TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`not within ${TIMEOUT_MS / 1_000} s`);
}

function memoryOf(axis: OpenAxis): number {
  return axis.pids().reduce((sum, pid) => sum + figuresOf(pid).residentMb, 0);
}

/** User and system time of the pod's processes (Linux). */
function cpuOf(axis: OpenAxis): number {
  const ticks = axis.pids().map((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}
