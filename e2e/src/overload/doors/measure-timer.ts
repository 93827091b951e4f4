import { json } from '../../harness/json.ts';
import { runLoad } from '../run-load.ts';
import { printTable } from '../table.ts';
import { DEADLINE_MS } from './measure-door.ts';
import { type DoorsOptions, doorsCapacity } from './doors-options.ts';
import { openDoors } from './stage.ts';

const TIMES = 5;
const WARM_UP_MS = 1_000;
/** Ticks come every 300 ms, and a run takes 400 ms: every second one is passed over. */
const RUN_EVERY_MS = 600;
const MAX_PAUSE_MS = 2_000;

interface Pulses {
  runs: number;
  most: number;
  longestPauseMs: number;
}

/** A schedule of a function beside one that gets five times its capacity. */
export async function measureTimer({ stepMs, capacityMs, judge, progress }: DoorsOptions): Promise<void> {
  progress('doors: timer', TIMES);
  const { pod, end } = await openDoors();
  try {
    const capacity = await doorsCapacity(pod.port, '/cpu', capacityMs);
    const pulses = (): Promise<Pulses> => json<Pulses>(fetch(`${pod.url}/pulses`));
    await pulses();
    const startedAt = performance.now();
    const load = await runLoad({
      port: pod.port,
      path: '/cpu',
      headers: { 'x-bottle-timeout-ms': String(DEADLINE_MS) },
      pace: { kind: 'open', rate: capacity * TIMES },
      warmUpMs: WARM_UP_MS,
      durationMs: stepMs,
      deadlineMs: DEADLINE_MS,
    });
    const { runs, most, longestPauseMs } = await pulses();
    const expected = Math.floor((performance.now() - startedAt) / RUN_EVERY_MS);
    const history = await json<{ runs: { result: string; reason?: string }[] }>(pod.admin('/timers/pulse'));
    const failures = history.runs.filter(({ result }) => result === 'error').map(({ reason = '' }) => reason);
    process.stdout.write(`timer every 300 ms, overlap: skip, runs of 400 ms, beside ${TIMES} × of another function\n`);
    printTable([
      ['runs', 'of', 'at once', 'longest pause', 'failed', 'requests good/s', 'refused'],
      [
        String(runs),
        String(expected),
        String(most),
        `${longestPauseMs} ms`,
        failures.join(', ') || '0',
        `${(load.good / load.seconds).toFixed(0)} of ${capacity.toFixed(0)}`,
        String(load.refused),
      ],
    ]);
    judge('doors: timer', [
      { demand: 'no two runs at once', figure: String(most), holds: most === 1 },
      { demand: 'half of the runs or more', figure: `${runs} of ${expected}`, holds: runs >= expected / 2 },
      {
        demand: `begun within ${MAX_PAUSE_MS} ms of the one before`,
        figure: `${longestPauseMs} ms`,
        holds: longestPauseMs <= MAX_PAUSE_MS,
      },
      { demand: 'none failed', figure: failures.join(', ') || '0', holds: failures.length === 0 },
    ]);
  } finally {
    await end();
  }
}
