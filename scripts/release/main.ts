// `npm run release -- --out DIR`: every package that a user installs, as tarballs. See docs/decisions/packages.md.
// Exit codes: 0 packed, 1 a package is not fit to be published, 64 bad usage, 70 the code does not build.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { problemsOf } from './check-package.ts';
import { readManifest, ReleaseProblem } from './stage.ts';
import { stageCommand, stageCreate } from './stage-command.ts';
import { stageSdk } from './stage-sdk.ts';

const USAGE = `Usage: npm run release -- --out DIR [--no-check]

Builds the packages that users install, and packs them as tarballs into DIR:
  bottle-cli      the command \`bottle\`, with both processes of a pod
  bottle-sdk      what functions import
  create-bottle   for \`npm create bottle\`

  --out DIR     where to; it is made, and tarballs of the same names in it are replaced
  --no-check    do not look whether the packages are fit to be published (publint, types, contents)
`;
const STAGES = { 'bottle-sdk': stageSdk, 'bottle-cli': stageCommand, 'create-bottle': stageCreate } as const;
const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

async function release(out: string, isChecked: boolean): Promise<number> {
  const startedAt = performance.now();
  const { version } = await readManifest(root);
  const staging = mkdtempSync(join(tmpdir(), 'bottle-release-'));
  try {
    await step(`types`, async () => declarations());
    const packed: string[] = [];
    const problems: string[] = [];
    mkdirSync(out, { recursive: true });
    for (const [name, stage] of Object.entries(STAGES)) {
      const target = join(staging, name);
      await step(`${name} ${version}`, () => stage(root, target));
      const tarball = await step(`${name}: pack`, () => pack(target, staging));
      if (isChecked) problems.push(...(await step(`${name}: check`, () => problemsOf(target, tarball, root))));
      packed.push(tarball);
    }
    if (problems.length > 0) throw new ReleaseProblem(`not fit to be published:\n  ${problems.join('\n  ')}`);
    for (const tarball of packed) {
      const target = join(out, tarball.slice(tarball.lastIndexOf('/') + 1));
      place(tarball, target);
      process.stdout.write(`${target}  ${Math.round(statSync(target).size / 1000)} kB\n`);
    }
    process.stderr.write(`${packed.length} packages of version ${version} in ${seconds(startedAt)}\n`);
    return 0;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Says what is done, and how long it took. */
async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  const result = await work();
  process.stderr.write(`  ${name.padEnd(24)} ${seconds(startedAt)}\n`);
  return result;
}

/** What the compiler knows of the SDK: types are taken from there. */
async function declarations(): Promise<void> {
  const tsc = join(root, 'node_modules/@typescript/native/bin/tsc');
  await run(process.execPath, [tsc, '-b', 'bottle-sdk'], { cwd: root }).catch((error: Error & { stdout?: string }) => {
    throw new ReleaseProblem(`the SDK does not compile:\n${error.stdout ?? error.message}`);
  });
}

async function pack(directory: string, destination: string): Promise<string> {
  await run('npm', ['pack', '--ignore-scripts', '--loglevel=error', `--pack-destination=${destination}`], {
    cwd: directory,
  });
  const { name, version } = await readManifest(directory);
  const file = readdirSync(destination).find((each) => each === `${name}-${version}.tgz`);
  if (file === undefined) throw new ReleaseProblem(`npm pack left no tarball of ${name} ${version}`);
  return join(destination, file);
}

/** Whole or not at all: somebody may be installing what was there before. */
function place(tarball: string, target: string): void {
  const beside = `${target}.${process.pid}`;
  rmSync(beside, { force: true });
  copyFileSync(tarball, beside);
  renameSync(beside, target);
}

function seconds(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

async function main(): Promise<number> {
  let values: { out?: string | undefined; 'no-check'?: boolean | undefined; help?: boolean | undefined };
  try {
    ({ values } = parseArgs({
      options: { out: { type: 'string' }, 'no-check': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 64;
  }
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!values.out) {
    process.stderr.write(`--out DIR, please: where the tarballs go\n\n${USAGE}`);
    return 64;
  }
  try {
    return await release(resolve(values.out), !values['no-check']);
  } catch (error) {
    const isExpected = error instanceof ReleaseProblem;
    process.stderr.write(`release: ${isExpected ? error.message : String((error as Error).stack)}\n`);
    return isExpected ? 1 : 70;
  }
}

process.exitCode = await main();
