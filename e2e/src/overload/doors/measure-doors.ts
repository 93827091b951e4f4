import { printTable } from '../table.ts';
import { barsOfDoor, othersOf } from './door-bars.ts';
import { type DoorsOptions, doorsCapacity } from './doors-options.ts';
import { DOOR_NAMES, DOORS, type DoorKind, type DoorName } from './doors.ts';
import { DEADLINE_MS, type DoorStep, runDoorStep } from './measure-door.ts';
import { measureQueue } from './measure-queue.ts';
import { measureTimer } from './measure-timer.ts';
import { openDoors } from './stage.ts';

const TIMES = [2, 5];

/** The same work through each door, each in a pod of its own; then a queue's consumer and a schedule beside a flood. */
export async function measureDoors(options: DoorsOptions): Promise<void> {
  const rows = [
    [
      'door',
      'offered',
      'good/s',
      'p50',
      'refused',
      'p99',
      'refusals',
      'other failures',
      'well after',
      'in flight differs',
      'CPU %',
    ],
  ];
  for (const name of DOOR_NAMES) rows.push(...(await measureDoor(name, options)));
  process.stdout.write(
    `\ndoors: 5 ms of CPU, deadline ${DEADLINE_MS} ms; CPU of the function process and the sidecar\n`,
  );
  printTable(rows);
  await measureQueue(options);
  await measureTimer(options);
}

async function measureDoor(door: DoorName, options: DoorsOptions): Promise<string[][]> {
  const { stepMs, capacityMs, judge, progress } = options;
  const kind: DoorKind = DOORS[door];
  const { sidecarArgs } = kind;
  const stage = await openDoors(sidecarArgs);
  try {
    const capacity = await doorsCapacity(stage.pod.port, '/cpu', capacityMs);
    const rows: string[][] = [];
    for (const times of TIMES) {
      progress(`doors: ${door}`, times);
      const step = await runDoorStep(stage, { door, rate: capacity * times, durationMs: stepMs });
      judge(`doors: ${door}, ${times} ×`, barsOfDoor(step, kind, capacity));
      rows.push(rowOf(`${door}, ${times} ×`, step, capacity));
    }
    return rows;
  } finally {
    await stage.end();
  }
}

function rowOf(title: string, step: DoorStep, capacity: number): string[] {
  const { rate, load, samples, cpuPercent, wellMs } = step;
  return [
    title,
    `${rate.toFixed(0)}/s`,
    `${(load.good / load.seconds).toFixed(0)} of ${capacity.toFixed(0)}`,
    inMs(load.goodMs.p50),
    String(load.refused),
    inMs(load.refusedMs.p99),
    Object.keys(load.forms).join('; ') || '–',
    othersOf(step) || '0',
    inMs(wellMs),
    `${samples.mismatches.length} of ${samples.scrapes}`,
    cpuPercent.join(', '),
  ];
}

function inMs(value: number): string {
  return `${value.toFixed(0)} ms`;
}
