// `npm run soak -- --minutes N`: two pods under mixed traffic. One is left alone, and what its processes hold must not
// grow after the first minute. Of the other one a process is killed at random, again and again: it may fail only what a
// kill explains, and no message it acknowledged may be lost. Exit code 1 when one of that does not hold.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { TestPod, waitFor } from '../harness/pod.ts';
import type { TestProcess } from '../harness/process.ts';
import { type Figures, figuresOf, median } from './process-figures.ts';
import { type Kind, Traffic } from './traffic.ts';

const { minutes: given, help } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, help: { type: 'boolean' } },
}).values;
const minutes = Number(given);
if (help || !(minutes >= 2)) {
  process.stderr.write('Usage: npm run soak -- [--minutes N]\n\n  --minutes   how long, at least 2  (10)\n');
  process.exit(help ? 0 : 64);
}

const KINDS: readonly Kind[] = [
  { name: 'http', method: 'POST', path: '/work', perSecond: 150, bytes: 200 },
  { name: 'upload 1 MB', method: 'POST', path: '/upload', perSecond: 3, bytes: 1_000_000 },
  { name: 'download 1 MB', method: 'GET', path: '/download', perSecond: 3, bytes: 0 },
  { name: 'bottle calls', method: 'POST', path: '/calls', perSecond: 40, bytes: 0 },
  { name: 'publish', method: 'POST', path: '/publish', perSecond: 40, bytes: 0 },
];
/** Growth of the median of the last minute over that of the second one. */
const MAX_GROWTH = 0.1;
/** A connection or two may be open at one moment and not at another. */
const MAX_MORE_HANDLES = 8;
const SAMPLE_MS = 1_000;
/** What a kill explains: connections that break, a pod that is not there, locks that its last holder cannot release. */
const EXPLAINED =
  /^(503 (connection-lost|queue-full|runtime-unavailable|shutdown)|409 lock-taken|ECONN\w+|EPIPE|cut off)/;

interface Soaked {
  name: string;
  pod: TestPod;
  processes: { sidecar: TestProcess; runtime: TestProcess };
  traffic: Traffic;
  consumedFile: string;
  ticksFile: string;
}

const directory = mkdtempSync(join(tmpdir(), 'bt-soak-'));
const problems: string[] = [];

async function begin(name: string): Promise<Soaked> {
  const [consumedFile, ticksFile] = ['consumed', 'ticks'].map((file) => join(directory, `${name}-${file}`)) as [
    string,
    string,
  ];
  for (const file of [consumedFile, ticksFile]) writeFileSync(file, '');
  const pod = new TestPod({
    project: 'soak',
    sidecarArgs: ['--data-dir', join(directory, `${name}-data`), '--log-access', 'false'],
    env: { CONSUMED_FILE: consumedFile, TICKS_FILE: ticksFile },
  });
  const runtime = pod.startRuntime();
  const sidecar = await pod.startSidecar();
  await pod.untilReady();
  const traffic = new Traffic(pod.url, KINDS, 'publish');
  return { name, pod, processes: { sidecar, runtime }, traffic, consumedFile, ticksFile };
}

async function killAtRandom(soaked: Soaked, until: number): Promise<number> {
  const { pod, processes } = soaked;
  let kills = 0;
  for (;;) {
    await delay(10_000 + Math.random() * 20_000);
    if (performance.now() > until - 20_000) return kills;
    kills += 1;
    if (Math.random() < 0.5) {
      processes.runtime.kill('SIGKILL');
      await processes.runtime.exit();
      processes.runtime = pod.startRuntime();
    } else {
      processes.sidecar.kill('SIGKILL');
      await processes.sidecar.exit();
      processes.sidecar = await pod.startSidecar();
    }
    await pod.untilReady();
  }
}

/** Prints a line a minute, and the growth at the end. */
async function watch({ processes }: Soaked, until: number): Promise<void> {
  const samples = { sidecar: [] as Figures[], runtime: [] as Figures[] };
  for (let count = 0; performance.now() < until; count++) {
    await delay(SAMPLE_MS);
    for (const name of ['sidecar', 'runtime'] as const) samples[name].push(figuresOf(processes[name].pid));
    if (count % 60 === 59) print(`${(count + 1) / 60} min`, samples.sidecar.slice(-60), samples.runtime.slice(-60));
  }
  for (const name of ['sidecar', 'runtime'] as const) {
    const [first, last] = [samples[name].slice(60, 120), samples[name].slice(-60)];
    const growth = median(last.map(residentOf)) / median(first.map(residentOf)) - 1;
    const handles = median(last.map(handlesOf)) - median(first.map(handlesOf));
    process.stdout.write(
      `${name}: resident ${(growth * 100).toFixed(1)} % after the first minute (at most ${MAX_GROWTH * 100} %), handles ${handles >= 0 ? '+' : ''}${handles}\n`,
    );
    if (growth > MAX_GROWTH) problems.push(`the ${name} grew by ${(growth * 100).toFixed(1)} %`);
    if (handles > MAX_MORE_HANDLES) problems.push(`the ${name} has ${handles} more handles`);
  }
}

const residentOf = ({ residentMb }: Figures): number => residentMb;
const handlesOf = ({ handles }: Figures): number => handles;

function print(when: string, sidecar: readonly Figures[], runtime: readonly Figures[]): void {
  const cells = (figures: readonly Figures[]): string =>
    `${median(figures.map(residentOf)).toFixed(0).padStart(5)} MB ${String(median(figures.map(handlesOf))).padStart(4)} handles`;
  process.stdout.write(`${when.padStart(7)}   sidecar ${cells(sidecar)}   function ${cells(runtime)}\n`);
}

async function reconcile({ name, traffic, consumedFile, ticksFile }: Soaked, isKilled: boolean): Promise<void> {
  await traffic.stop();
  const consumed = (): string[] => readFileSync(consumedFile, 'utf8').split('\n').filter(Boolean);
  await waitFor(() => {
    const ids = new Set(consumed());
    return [...traffic.acknowledged].every((id) => ids.has(id));
  }, 60_000).catch(() => {});
  const all = consumed();
  const distinct = new Set(all);
  const lost = [...traffic.acknowledged].filter((id) => !distinct.has(id)).length;
  const ticks = readFileSync(ticksFile, 'utf8').split('\n').filter(Boolean);
  process.stdout.write(`\n${name}\n`);
  for (const [kind, { sent, answered, failures }] of traffic.tallies) {
    const list = [...failures].map(([what, count]) => `${what} ×${count}`).join(', ');
    process.stdout.write(`  ${kind.padEnd(14)} sent ${sent}, answered ${answered}${list === '' ? '' : `; ${list}`}\n`);
    if (answered < sent) problems.push(`${name}: ${sent - answered} of ${kind} were never answered`);
    const unexplained = [...failures].filter(([what]) => !(isKilled && EXPLAINED.test(what)));
    for (const [what, count] of unexplained) problems.push(`${name}: ${kind} failed ${count} times with ${what}`);
  }
  const duplicates = all.length - distinct.size;
  process.stdout.write(
    `  messages       acknowledged ${traffic.acknowledged.size}, lost ${lost}, processed again ${duplicates}\n`,
  );
  process.stdout.write(`  timer          ${ticks.length} ticks, ${ticks.length - new Set(ticks).size} twice\n`);
  if (lost > 0) problems.push(`${name}: ${lost} messages were lost`);
  if (duplicates > 0 && !isKilled) problems.push(`${name}: ${duplicates} messages were processed twice`);
  if (new Set(ticks).size < ticks.length) problems.push(`${name}: a tick fired twice`);
}

const steady = await begin('steady pod');
const killed = await begin('killed pod');
try {
  const until = performance.now() + minutes * 60_000;
  const [kills] = await Promise.all([killAtRandom(killed, until), watch(steady, until)]);
  await reconcile(steady, false);
  await reconcile(killed, true);
  process.stdout.write(`  kills          ${kills}\n\n`);
} finally {
  await steady.pod.end();
  await killed.pod.end();
  rmSync(directory, { recursive: true, force: true });
}
process.stdout.write(problems.length === 0 ? 'flat\n' : problems.map((problem) => `FAILED: ${problem}\n`).join(''));
process.exit(problems.length === 0 ? 0 : 1);
