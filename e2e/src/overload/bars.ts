import type { Step } from './measure.ts';
import type { Shape } from './shapes.ts';

/** One thing that has to hold, and what was measured. */
export interface Bar {
  demand: string;
  figure: string;
  holds: boolean;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const ms = (value: number): string => `${value.toFixed(0)} ms`;

/** What a step of load has to be like. `capacity` is that of the same run. */
export function barsOf(step: Step, shape: Shape, capacity: number): Bar[] {
  const { load, other, samples } = step;
  const goodput = load.good / load.seconds / Math.min(capacity, step.rate);
  const late = load.refused === 0 ? 0 : load.refusedLate / load.refused;
  const others = Object.entries(load.others).filter(([kind]) => kind !== '504 deadline');
  const bars: Bar[] = [
    { demand: 'goodput ≥ 90 %', figure: percent(goodput), holds: goodput >= 0.9 },
    {
      demand: `p50 of the good ≤ ${shape.deadlineMs * 0.6} ms`,
      figure: ms(load.goodMs.p50),
      holds: load.goodMs.p50 <= shape.deadlineMs * 0.6,
    },
    { demand: 'refused within 50 ms: ≥ 99 %', figure: percent(1 - late), holds: late <= 0.01 },
    {
      demand: 'each with Retry-After',
      figure: `${load.withoutRetryAfter} without`,
      holds: load.withoutRetryAfter === 0,
    },
    { demand: 'no 504 for what never began', figure: String(step.neverBegan), holds: step.neverBegan === 0 },
    {
      demand: 'no other failure',
      figure: others.map(([kind, count]) => `${kind} ×${count}`).join(', ') || '0',
      holds: others.length === 0,
    },
    {
      demand: 'well a second after',
      figure: ms(step.wellMs),
      holds: step.wellMs < 2_000,
    },
    { demand: 'no restart', figure: step.isRunning ? '0' : '1', holds: step.isRunning },
    {
      demand: 'in flight as the function process counts',
      figure: `${samples.mismatches.length} of ${samples.scrapes} differ`,
      holds: samples.mismatches.length === 0 && samples.scrapes > 0,
    },
  ];
  if (shape.name !== 'cpu') return bars;
  const answered = other.good + other.refused + Object.values(other.others).reduce((sum, count) => sum + count, 0);
  const share = answered === 0 ? 0 : other.good / answered;
  return [
    ...bars,
    { demand: 'another function: ≥ 95 % good', figure: percent(share), holds: share >= 0.95 },
    { demand: 'another function: p99 ≤ 500 ms', figure: ms(other.goodMs.p99), holds: other.goodMs.p99 <= 500 },
  ];
}
