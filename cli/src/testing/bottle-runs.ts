import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '@bottle/test-servers';

const BIN = join(import.meta.dirname, '../../bin/bottle.js');

/** A run of the `bottle` command. */
export interface Run {
  child: ChildProcess;
  /** Of standard output and standard error, so far. */
  output(): string;
  /** Waits until it has written this; what it wrote instead is in the error. */
  says(text: string): Promise<void>;
  exit: Promise<number | null>;
}

/** One whose outputs come apart. */
export interface PipedRun extends Run {
  /** Of standard output alone, so far. */
  stdout(): string;
}

/** Runs the command in a directory, and ends what still runs. */
export class BottleRuns {
  readonly #cwd: () => string;
  readonly #running = new Set<ChildProcess>();

  constructor(cwd: () => string) {
    this.#cwd = cwd;
  }

  /** A file below the directory. */
  readonly write = (path: string, text: string): void => {
    const file = join(this.#cwd(), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };

  start(...args: string[]): PipedRun {
    const child = this.#spawn(args, 'pipe');
    let output = '';
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return { ...this.#run(child, () => output), stdout: () => stdout };
  }

  /** As `bottle … > file` does. */
  startInto(file: string, ...args: string[]): Run {
    const fd = openSync(file, 'a');
    const child = this.#spawn(args, fd);
    closeSync(fd);
    return this.#run(child, () => readFileSync(file, 'utf8'));
  }

  async killAll(): Promise<void> {
    const children = [...this.#running];
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => once(child, 'close')));
  }

  #run(child: ChildProcess, output: () => string): Run {
    const says = async (text: string): Promise<void> => {
      await until(() => output().includes(text)).catch((error: unknown) => {
        const state = `exit code ${child.exitCode}, signal ${child.signalCode}`;
        throw new Error(`it does not say ${JSON.stringify(text)} (${state}), but:\n${output()}`, { cause: error });
      });
    };
    return { child, output, says, exit: this.#exitOf(child) };
  }

  #spawn(args: readonly string[], out: 'pipe' | number): ChildProcess {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: this.#cwd(), stdio: ['ignore', out, out] });
    this.#running.add(child);
    return child;
  }

  async #exitOf(child: ChildProcess): Promise<number | null> {
    const [code] = (await once(child, 'close')) as [number | null];
    this.#running.delete(child);
    return code;
  }
}

/** Waits for a condition; one that throws does not hold yet. */
export async function until(condition: () => Promise<boolean> | boolean, timeoutMs = 40_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await (async () => condition())().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${String(condition)}`);
    await delay(10);
  }
}

/** Two ports that nobody listens on. */
export async function freePorts(): Promise<[number, number]> {
  return [await findFreePort(), await findFreePort()];
}

export const textAt = async (port: number, path: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).text();
