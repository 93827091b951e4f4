// For tests: projects in a temporary folder, the `bottle` command, a pod of a built project.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BIN = join(import.meta.dirname, '../../bin/bottle.js');
const SDK = dirname(fileURLToPath(import.meta.resolve('bottle-sdk/package.json')));

export interface Run {
  child: ChildProcess;
  /** Both streams, as they came. */
  output(): string;
  stdout(): string;
  exit: Promise<number | null>;
}

/** A running pod. */
export interface Served extends Run {
  url: string;
  /** The log lines so far. */
  lines(): Record<string, unknown>[];
}

export class BuildHarness {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'bottle-build-'));
  readonly #running = new Set<ChildProcess>();

  /** A project of those files, with the SDK installed, as its authors have it. Returns its folder. */
  project(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.directory, name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(SDK, join(folder, 'node_modules/bottle-sdk'));
    return folder;
  }

  bottle(...args: string[]): Run {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    let output = '';
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const exit = once(child, 'close').then(([code]) => {
      this.#running.delete(child);
      return code as number | null;
    });
    return { child, output: () => output, stdout: () => stdout, exit };
  }

  /** `bottle build`, which must succeed. */
  async build(...args: string[]): Promise<Run> {
    const run = this.bottle('build', ...args);
    const code = await run.exit;
    if (code !== 0) throw new Error(`bottle build ended with ${code}:\n${run.output()}`);
    return run;
  }

  /** `bottle start`, ready. */
  async start(folder: string): Promise<Served> {
    const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--rpc-port', '0'];
    const run = this.bottle('start', folder, ...ports, '--', '--drain-propagation-ms', '0');
    const lines = (): Record<string, unknown>[] =>
      run
        .stdout()
        .split('\n')
        .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? (JSON.parse(line) as object) : []))
        .map((line) => line as Record<string, unknown>);
    const listens = (): Record<string, unknown> | undefined => lines().find(({ msg }) => msg === 'sidecar listens');
    await until(() => listens() !== undefined, run);
    const { port, adminPort } = listens() ?? {};
    await until(async () => (await fetch(`http://127.0.0.1:${String(adminPort)}/readyz`)).ok, run);
    return { ...run, url: `http://127.0.0.1:${String(port)}`, lines };
  }

  async close(): Promise<void> {
    for (const child of this.#running) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Every file below a folder, by its path, with "/". */
export function filesBelow(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.toSorted().map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]));
}

async function until(condition: () => Promise<boolean> | boolean, run: Run): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await (async () => condition())().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within 30 s:\n${run.output().slice(0, 3_000)}`);
    await delay(20);
  }
}
