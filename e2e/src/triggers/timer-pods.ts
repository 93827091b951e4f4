import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { json } from '../harness/json.ts';
import { TestPod } from '../harness/pod.ts';
import { ROOT, type TestProcess } from '../harness/process.ts';

/** What a function noted of one tick. */
export interface Fired {
  what: 'begun' | 'done';
  name: string;
  slot: number;
  manual: boolean;
  payload: unknown;
  shard: { index: number; count: number };
  pod: string;
  /** Milliseconds since 1970. */
  at: number;
  trigger: string;
  attributes: Record<string, string>;
}

/** A run as the history has it. */
export interface Run {
  scheduledAt: string;
  startedAt: string | null;
  durationMs: number;
  result: string;
  reason?: string;
  pod: string;
  manual: boolean;
}

export interface TimerStatus {
  name: string;
  nextAt: string | null;
  running: { scheduledAt: string; pod: string; manual: boolean }[];
  waiting: number;
  runs: Run[];
}

export type TimerPod = TestPod & { sidecar: TestProcess; runtime: TestProcess };

export interface TimerPodsOptions {
  /** The timer triggers of the one function. */
  timers: readonly object[];
  /** More of the function: `idempotent`, `concurrency`. */
  more?: object;
  /** Undefined: the embedded driver. */
  redisUrl: string | undefined;
  leaseMs?: number;
  /** `resources` of sidecar.yml instead of the one with the lock. */
  resources?: object;
}

let unique = 0;

/** Pods of one service whose function notes its ticks in one file. They end with the test. */
export class TimerPods {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'bt-timer-'));
  readonly #file = join(this.directory, 'fired');

  constructor({ timers, more = {}, redisUrl, leaseMs = 1_500, resources }: TimerPodsOptions) {
    this.setTimers(timers, more);
    symlinkSync(join(ROOT, 'e2e/functions/timers/src'), join(this.directory, 'src'));
    writeFileSync(this.#file, '');
    const keyPrefix = `timers-${process.pid}-${(unique += 1)}:`;
    const lock = redisUrl === undefined ? {} : { lock: { timers: { driver: 'redis', url: redisUrl, keyPrefix } } };
    const sidecar = {
      dataDir: this.directory,
      timers: { leaseMs },
      drain: { propagationMs: 0 },
      resources: resources ?? lock,
    };
    writeFileSync(join(this.directory, 'sidecar.yml'), JSON.stringify(sidecar));
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  /** For pods that are started from now on. */
  setTimers(timers: readonly object[], more: object = {}): void {
    const events = timers.map((timer) => ({ timer }));
    const manifest = { service: 'e2e-timers', functions: { tick: { handler: 'src/timers.tick', ...more, events } } };
    writeFileSync(join(this.directory, 'serverless.yml'), JSON.stringify(manifest));
  }

  async start(name: string): Promise<TimerPod> {
    const pod = await TestPod.start({
      project: this.directory,
      sidecarArgs: ['--config', join(this.directory, 'sidecar.yml')],
      env: { FIRED_FILE: this.#file, POD: name },
    });
    onTestFinished(() => pod.end());
    return pod;
  }

  /** Everything that was noted so far. */
  get fired(): Fired[] {
    const lines = readFileSync(this.#file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Fired);
  }

  get begun(): Fired[] {
    return this.fired.filter(({ what }) => what === 'begun');
  }
}

export function timerOf(pod: TestPod, name: string): Promise<TimerStatus> {
  return json<TimerStatus>(pod.admin(`/timers/${name}`));
}

export async function kill(...pods: readonly TimerPod[]): Promise<void> {
  for (const { sidecar, runtime } of pods) {
    sidecar.kill('SIGKILL');
    runtime.kill('SIGKILL');
    await Promise.all([sidecar.exit(), runtime.exit()]);
  }
}

/** Runs that were under way at the same time as the one before them. */
export function overlaps(fired: readonly Fired[]): number[] {
  const done = new Map(fired.flatMap(({ what, slot, at }) => (what === 'done' ? [[slot, at] as const] : [])));
  const begun = fired.filter(({ what }) => what === 'begun').toSorted((a, b) => a.at - b.at);
  return begun.flatMap(({ slot, at }, index) => {
    const before = begun[index - 1];
    return before && (done.get(before.slot) ?? Number.POSITIVE_INFINITY) > at ? [slot] : [];
  });
}

/** A counter of /metrics, 0 when it is not there. */
export async function metricOf(pod: TestPod, line: string): Promise<number> {
  const text = await (await pod.admin('/metrics')).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length + 1));
}

/** Slots that were fired twice, and those between the first and the last that were not fired. */
export function reconcile(fired: readonly Fired[], periodMs: number): { twice: number[]; never: number[] } {
  const counts = new Map<number, number>();
  for (const { slot } of fired) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  const slots = [...counts.keys()].toSorted((a, b) => a - b);
  const never: number[] = [];
  for (let slot = slots[0] ?? 0; slot < (slots.at(-1) ?? 0); slot += periodMs) if (!counts.has(slot)) never.push(slot);
  return { twice: slots.filter((slot) => (counts.get(slot) ?? 0) > 1), never };
}
