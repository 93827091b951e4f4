// `npm run scale [-- --short] [-- --axis NAME]`: walks every axis at four sizes, with the same work done without a pod beside
// it. Prints what each size cost and with which exponent time, CPU and memory grow. Exit code 1 when one grows faster than
// the work, or when something fails that docs/limits.md promises.
import { parseArgs } from 'node:util';
import type { Axis } from './axis.ts';
import { functionAxes } from './axes/function-axes.ts';
import { httpAxesOf } from './axes/http-axes.ts';
import { resourceAxes } from './axes/resource-axes.ts';
import { growthExponent } from './growth.ts';
import { type Measured, measure } from './measure.ts';

/** Growth beyond this fails. */
const MAX_EXPONENT = 1.15;
/** What the smallest figures are good for: below, they say nothing. */
const NOISE = { seconds: 0.05, cpuSeconds: 0.1, memoryMb: 24 } as const;

const { short, axis: wanted, seconds, help } = readArguments();
const AXES: readonly Axis[] = [...httpAxesOf(Number(seconds)), ...functionAxes, ...resourceAxes];
const USAGE = `Usage: npm run scale -- [--short] [--axis NAME]...

  --short      smaller sizes, about three minutes in all
  --seconds N  how long the cancels of each size last  (2)
  --axis NAME  this axis only, may be repeated: ${AXES.map(({ name }) => name).join(', ')}
`;

if (help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const axes = wanted ? AXES.filter(({ name }) => wanted.includes(name)) : AXES;
const unknown = wanted?.find((name) => !AXES.some((each) => each.name === name));
if (unknown !== undefined) {
  process.stderr.write(`there is no axis "${unknown}"\n\n${USAGE}`);
  process.exit(64);
}

const problems: string[] = [];
const rows: string[] = [];
for (const [at, axis] of axes.entries()) {
  process.stderr.write(`[${at + 1}/${axes.length}] ${axis.name}: ${axis.unit}\n`);
  rows.push(await walk(axis));
}
const header = ['axis', 'sizes', 'seconds', 'direct', 'time', 'CPU', 'memory', 'first that fails'];
process.stdout.write(`\n${cells(header)}${rows.join('')}\n`);
process.stdout.write(problems.length === 0 ? 'nothing breaks\n' : problems.map((text) => `FAILED: ${text}\n`).join(''));
process.exit(problems.length === 0 ? 0 : 1);

async function walk(axis: Axis): Promise<string> {
  const measured: Measured[] = [];
  const open = await axis.open();
  try {
    await measure(open, axis.short[0]); // what is only loaded and compiled once
    for (const size of short ? axis.short : axis.sizes) {
      const figures = await measure(open, size);
      measured.push(figures);
      const { seconds, cpuSeconds, memoryMb, directSeconds, problem } = figures;
      process.stderr.write(
        `  ${String(size).padStart(9)}  ${seconds.toFixed(3)} s, CPU ${cpuSeconds.toFixed(2)} s, +${memoryMb.toFixed(0)} MB, ` +
          `direct ${Number.isNaN(directSeconds) ? '–' : `${directSeconds.toFixed(3)} s`}${problem === undefined ? '' : `  FAILED: ${problem}`}\n`,
      );
      if (problem !== undefined) break;
    }
  } finally {
    await open.close();
  }
  return judge(axis, measured);
}

/** A row of the table; what is not as promised goes to the problems. */
function judge({ name, supported }: Axis, measured: readonly Measured[]): string {
  const good = measured.filter(({ problem }) => problem === undefined);
  const failed = measured.find(({ problem }) => problem !== undefined);
  if (failed && failed.size <= supported)
    problems.push(`${name}: ${failed.size} failed (${failed.problem}), docs/limits.md promises ${supported}`);
  const exponents = (['seconds', 'cpuSeconds', 'memoryMb'] as const).map((figure) => {
    const exponent = growthExponent(
      good.map((each) => ({ size: each.size, cost: each[figure] })),
      NOISE[figure],
    );
    if (exponent > MAX_EXPONENT) problems.push(`${name}: ${figure} grows with exponent ${exponent.toFixed(2)}`);
    return exponent.toFixed(2);
  });
  return cells([
    name,
    measured.map(({ size }) => size).join(' '),
    measured.map(({ seconds }) => seconds.toFixed(2)).join(' '),
    measured.map(({ directSeconds }) => (Number.isNaN(directSeconds) ? '–' : directSeconds.toFixed(2))).join(' '),
    ...exponents,
    failed ? String(failed.size) : '–',
  ]);
}

function cells(texts: readonly string[]): string {
  const widths = [20, 28, 28, 28, 6, 6, 8, 16];
  return `${texts
    .map((text, at) => text.padEnd(widths[at] ?? 0))
    .join(' ')
    .trimEnd()}\n`;
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        axis: { type: 'string', multiple: true },
        seconds: { type: 'string', default: '2' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}: --help\n`);
    return process.exit(64);
  }
}
