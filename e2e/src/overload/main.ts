// `npm run e2e:overload`: a pod that gets too much, from a generator in a process of its own that sends by the clock. Prints
// what was done of each kind of work at 0.9, 2, 5 and 10 times the capacity of the same run, beside plain Node.js and the
// figures of Knative's queue proxy, the same work through each kind of trigger, and every bar. Exit code 1 when one does not hold.
import { parseArgs } from 'node:util';
import { type Bar, barsOf } from './bars.ts';
import { measureDoors } from './doors/measure-doors.ts';
import { capacityOf, placesAtRest, runStep, type Step } from './measure.ts';
import { runLoad } from './run-load.ts';
import { type Shape, SHAPES } from './shapes.ts';
import { openStage, type StartedPod } from './stage.ts';
import { printTable } from './table.ts';
import { printTraces } from './traces.ts';

const TIMES = [0.9, 2, 5, 10];
/** Good per second of Knative's queue proxy, ten at a time, measured elsewhere at 180, 360, 900 and 1,800 requests a second. */
const QUEUE_PROXY: Readonly<Record<number, number>> = { 0.9: 180, 2: 209, 5: 209, 10: 210 };
const LONG = 'ten minutes';
/** Each kind of trigger. */
const DOORS = 'doors';
const NAMES = [...SHAPES.map(({ name }) => name), DOORS, LONG, 'traces'];
const USAGE = `Usage: npm run e2e:overload -- [options]

  --only NAME[,NAME…]  ${NAMES.join(', ')}
  --quick              3 s a step in place of 8, and a minute in place of ten
  --seconds N          of a step
  --help
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean' },
    seconds: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const wanted = values.only?.split(',').map((name) => name.trim()) ?? NAMES;
const unknown = wanted.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`there is no ${unknown.join(', ')}\n\n${USAGE}`);
  process.exit(64);
}
const stepMs = Number(values.seconds ?? (values.quick ? 3 : 8)) * 1_000;
const longMs = values.quick ? 60_000 : 600_000;
const capacityMs = Math.min(stepMs, 5_000);
const broken: string[] = [];
let cpuCapacity = 200;

for (const shape of SHAPES.filter(({ name }) => wanted.includes(name))) await measureShape(shape);
if (wanted.includes(DOORS)) await measureDoors({ stepMs, capacityMs, judge, progress });
if (wanted.includes(LONG)) await measureLong();
if (wanted.includes('traces')) await printTraces(cpuCapacity);
process.stdout.write(
  broken.length === 0 ? 'every bar holds\n' : `${broken.length} do not hold:\n${broken.join('\n')}\n`,
);
process.exit(broken.length === 0 ? 0 : 1);

/** Both functions of a shape, at each multiple; a pod of its own, so that nothing is left of the one before. */
async function measureShape(shape: Shape): Promise<void> {
  const stage = await openStage();
  try {
    const { pod, plainPort } = stage;
    const capacity = await capacityOf(pod.port, shape.path, shape.clients, capacityMs);
    const tenCapacity = await capacityOf(pod.port, shape.tenPath, shape.tenClients, capacityMs);
    if (shape.name === 'cpu') cpuCapacity = capacity;
    const rows = [['offered', 'plain Node', 'queue proxy', 'pod, defaults', 'pod, concurrency: 10']];
    const details = [['', '', 'good', 'p50', 'p99', 'refused', 'p99', 'left', 'other', 'p99', 'MB']];
    for (const times of TIMES) {
      progress(shape.name, times);
      const withDefaults = await measured(pod, shape, { path: shape.path, capacity, times, label: 'defaults' });
      const withTen = await measured(pod, shape, { path: shape.tenPath, capacity: tenCapacity, times, label: 'ten' });
      const plain = shape.name === 'cpu' ? await plainGood(plainPort, shape, capacity * times) : undefined;
      rows.push([
        `${times} × (${withDefaults.rate.toFixed(0)}/s, ${withTen.rate.toFixed(0)}/s)`,
        plain === undefined ? '–' : plain.toFixed(0),
        shape.name === 'cpu' ? String(QUEUE_PROXY[times]) : '–',
        `${goodPerSecond(withDefaults)} of ${capacity.toFixed(0)}`,
        `${goodPerSecond(withTen)} of ${tenCapacity.toFixed(0)}`,
      ]);
      details.push(detailOf(times, 'defaults', withDefaults), detailOf(times, 'ten', withTen));
    }
    process.stdout.write(`\n${shape.name}, deadline ${shape.deadlineMs} ms\n`);
    printTable(rows);
    printTable(details);
    const left = await placesAtRest(pod);
    judge(`${shape.name}: places at rest`, [{ demand: '0 taken', figure: String(left), holds: left === 0 }]);
  } finally {
    await stage.end();
  }
}

interface Measurement {
  path: string;
  capacity: number;
  times: number;
  label: string;
}

async function measured(pod: StartedPod, shape: Shape, { path, capacity, times, label }: Measurement): Promise<Step> {
  const step = await runStep(pod, { path, shape, rate: capacity * times, durationMs: stepMs });
  judge(`${shape.name}, ${label}, ${times} ×`, barsOf(step, shape, capacity));
  return step;
}

/** Twice the capacity for ten minutes: nothing grows, and the last minute is as good as the first. */
async function measureLong(): Promise<void> {
  const [shape] = SHAPES;
  if (!shape) return;
  const stage = await openStage();
  try {
    const { pod } = stage;
    const capacity = await capacityOf(pod.port, shape.path, shape.clients, capacityMs);
    const rows = [['', 'good/s', 'p50', 'p99', 'MB (runtime, sidecar)']];
    const parts: Step[] = [];
    for (let part = 0; part < 10; part++) {
      progress(LONG, part + 1);
      const step = await runStep(pod, { path: shape.path, shape, rate: capacity * 2, durationMs: longMs / 10 });
      judge(`${LONG}, part ${part + 1}`, barsOf(step, shape, capacity));
      const { load, samples } = step;
      const good = (load.good / load.seconds).toFixed(0);
      rows.push([
        `part ${part + 1}`,
        good,
        ...[load.goodMs.p50, load.goodMs.p99].map(inMs),
        samples.residentMb.join(', '),
      ]);
      parts.push(step);
    }
    process.stdout.write(`\n${LONG} at 2 ×, capacity ${capacity.toFixed(0)}/s\n`);
    printTable(rows);
    const [, second] = parts;
    const last = parts.at(-1);
    if (!second || !last) return;
    const grownMb = last.samples.residentMb.map((mb, at) => mb - (second.samples.residentMb[at] ?? 0));
    judge(LONG, [
      { demand: 'memory flat (≤ 40 MB more)', figure: `${grownMb.join(', ')} MB`, holds: Math.max(...grownMb) <= 40 },
    ]);
  } finally {
    await stage.end();
  }
}

async function plainGood(port: number, { deadlineMs }: Shape, rate: number): Promise<number> {
  const order = { port, path: '/?before=5', headers: {}, warmUpMs: 1_000, durationMs: stepMs, deadlineMs };
  const { good, seconds } = await runLoad({ ...order, pace: { kind: 'open', rate }, patienceMs: deadlineMs });
  return good / seconds;
}

function detailOf(times: number, label: string, { load, other, samples }: Step): string[] {
  return [
    `${times} ×`,
    label,
    String(load.good),
    inMs(load.goodMs.p50),
    inMs(load.goodMs.p99),
    String(load.refused),
    inMs(load.refusedMs.p99),
    String(load.left),
    String(other.good),
    inMs(other.goodMs.p99),
    samples.residentMb.join(', '),
  ];
}

function goodPerSecond({ load }: Step): string {
  return (load.good / load.seconds).toFixed(0);
}

function judge(title: string, bars: readonly Bar[]): void {
  for (const { demand, figure, holds } of bars) if (!holds) broken.push(`  ${title}: ${demand}: ${figure}`);
}

function inMs(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function progress(name: string, part: number): void {
  process.stderr.write(`${name}, ${part} …\n`);
}
