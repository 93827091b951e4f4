// Nobody ever sees half an output, and nothing is lost that no build made:
//  1. Everything is written into a new folder beside the output.
//  2. Only when all is there, the old output is moved aside, the new one into its place, and the old one removed.
//  3. Whatever ends a build before that removes the new folder; what a killed build left, the next one removes.
//  4. An output lists its files. It is replaced while it has no other ones.
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../command.ts';
import { BuildProblem } from './build-problem.ts';
import type { CopiedFile } from './copy-packages.ts';

/** The file of an output that lists all others. */
const LIST = '.bottle-build.json';

/** Throws UsageError when an output there would destroy something else than an earlier output. */
export function assertReplaceable(outDir: string, projectDir: string): void {
  const inside = relative(real(outDir), projectDir);
  if (inside === '' || !(inside === '..' || inside.startsWith(`..${sep}`)))
    throw new UsageError(`--out ${outDir} has the project itself in it`);
  if (!existsSync(outDir)) return;
  if (!statSync(outDir).isDirectory()) throw new UsageError(`${outDir} is not a directory`);
  if (readdirSync(outDir).length === 0) return;
  const listed = listedIn(outDir);
  if (!listed)
    throw new UsageError(`${outDir} is not empty, and no output of bottle build; empty it, or name another with --out`);
  const foreign = filesOf(outDir).filter((path) => path !== LIST && !listed.has(path));
  if (foreign.length === 0) return;
  const others = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
  throw new UsageError(`${outDir} has files that no build has made: move ${foreign[0]}${others} elsewhere`);
}

/** What an output says that it consists of; undefined: it is none. */
function listedIn(outDir: string): Set<string> | undefined {
  try {
    const { files } = JSON.parse(readFileSync(join(outDir, LIST), 'utf8')) as { files: string[] };
    return new Set(files);
  } catch {
    return undefined;
  }
}

/** Paths of the files below, with "/". */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** The path with links followed as far as it exists. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return join(real(dirname(path)), basename(path));
}

export interface OutputOptions {
  outDir: string;
  /** Text by path. */
  written: ReadonlyMap<string, string>;
  /** To exist, with or without files. */
  folders: readonly string[];
  copied: readonly CopiedFile[];
  /** Aborts before the old output is touched. */
  signal: AbortSignal;
}

/** Puts an output in the place of the old one. Throws BuildProblem when two files claim the same path. */
export async function replaceOutput({ outDir, written, folders, copied, signal }: OutputOptions): Promise<void> {
  for (const { path } of copied) {
    if (written.has(path)) throw new BuildProblem(`package.include: ${path} is a file of the output already`, 78);
  }
  const parent = dirname(outDir);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(outDir);
  const partial = `${prefixOf(outDir)}${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(partial); // alone: where a file system refuses folders, a recursive mkdir may try for ever
    for (const folder of folders) await mkdir(join(partial, folder), { recursive: true });
    for (const [path, text] of written) {
      signal.throwIfAborted();
      await mkdir(dirname(join(partial, path)), { recursive: true });
      await writeFile(join(partial, path), text);
    }
    for (const { path, from } of copied) {
      signal.throwIfAborted();
      await mkdir(dirname(join(partial, path)), { recursive: true });
      await copyFile(from, join(partial, path));
    }
    const files = [...written.keys(), ...copied.map(({ path }) => path)].toSorted();
    await writeFile(join(partial, LIST), `${JSON.stringify({ files }, null, 1)}\n`);
    signal.throwIfAborted();
    await moveInto(partial, outDir);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function moveInto(partial: string, outDir: string): Promise<void> {
  if (!existsSync(outDir)) {
    await rename(partial, outDir);
    return;
  }
  const old = `${partial}-old`;
  await rename(outDir, old);
  try {
    await rename(partial, outDir);
  } catch (error) {
    await rename(old, outDir);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

function prefixOf(outDir: string): string {
  return join(dirname(resolve(outDir)), `.${basename(outDir)}.partial-`);
}

/** Of builds that were killed. An old output among them comes back when there is no other. */
async function removeLeftovers(outDir: string): Promise<void> {
  const prefix = prefixOf(outDir);
  for (const name of readdirSync(dirname(prefix)).filter((entry) => entry.startsWith(basename(prefix)))) {
    const pid = Number(/^\d+/.exec(name.slice(basename(prefix).length))?.[0]);
    if (pid !== process.pid && isAlive(pid)) continue;
    const leftover = join(dirname(prefix), name);
    if (name.endsWith('-old') && !existsSync(outDir)) await rename(leftover, outDir);
    else await rm(leftover, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
