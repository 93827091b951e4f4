import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything the bench started, so that nothing outlives it. */
export class Processes {
  readonly #children = new Set<ChildProcess>();
  readonly #directories: string[] = [];

  /** A private directory that goes when the bench ends. */
  directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'bottle-bench-'));
    this.#directories.push(path);
    return path;
  }

  /** Starts a Node.js process with its output in a file, as a log collector would have it. */
  start(args: readonly string[], logFile: string): ChildProcess {
    const log = openSync(logFile, 'a');
    const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env };
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log], env });
    closeSync(log);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  async stop(children: readonly ChildProcess[]): Promise<void> {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    }
  }

  killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const path of this.#directories) rmSync(path, { recursive: true, force: true });
  }
}
