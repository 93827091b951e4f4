import type { Bar } from '../bars.ts';
import type { DoorKind } from './doors.ts';
import { DEADLINE_MS, type DoorStep } from './measure-door.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const ms = (value: number): string => `${value.toFixed(0)} ms`;

/** What a step of load through a door has to be like. `capacity` is that over HTTP/1.1 in the same pod. */
export function barsOfDoor(
  step: DoorStep,
  { refusal, otherRefusal = refusal }: Pick<DoorKind, 'refusal' | 'otherRefusal'>,
  capacity: number,
): Bar[] {
  const { load, samples, neverBegan, wellMs, isRunning } = step;
  const goodput = load.good / load.seconds / Math.min(capacity, step.rate);
  const late = load.refused === 0 ? 0 : load.refusedLate / load.refused;
  const otherForms = Object.keys(load.forms).filter((form) => form !== refusal && form !== otherRefusal);
  const others = othersOf(step);
  return [
    { demand: 'goodput ≥ 90 %', figure: percent(goodput), holds: goodput >= 0.9 },
    {
      demand: `p50 of the good ≤ ${DEADLINE_MS * 0.6} ms`,
      figure: ms(load.goodMs.p50),
      holds: load.goodMs.p50 <= DEADLINE_MS * 0.6,
    },
    { demand: 'refused within 50 ms: ≥ 99 %', figure: percent(1 - late), holds: late <= 0.01 },
    { demand: `each as "${refusal}"`, figure: otherForms.join('; ') || 'all', holds: otherForms.length === 0 },
    { demand: 'no 504 for what never began', figure: String(neverBegan), holds: neverBegan === 0 },
    { demand: 'no other failure', figure: others || '0', holds: others === '' },
    { demand: 'well a second after', figure: ms(wellMs), holds: wellMs < DEADLINE_MS },
    { demand: 'no restart', figure: isRunning ? '0' : '1', holds: isRunning },
    {
      demand: 'in flight as the function process counts',
      figure: `${samples.mismatches.length} of ${samples.scrapes} differ: ${samples.mismatches.slice(0, 3).join(', ')}`,
      holds: samples.mismatches.length === 0 && samples.scrapes > 0,
    },
  ];
}

/** What is neither good nor a refusal, with how often it was seen; empty: nothing. */
export function othersOf({ load }: DoorStep): string {
  return Object.entries(load.others)
    .map(([kind, count]) => `${kind} ×${count}`)
    .join(', ');
}
