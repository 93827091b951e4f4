import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { compileCache } from './compile-cache.ts';
import type { Program } from './programs.ts';

/** One line that a process logged: parsed JSON, or the text as it was. */
export type LogLine = { fields: Record<string, unknown>; text: string } | { fields: undefined; text: string };

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  program: Program;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  onLine(line: LogLine): void;
  /** A line on stderr, which the processes use before their log works. */
  onErrorLine(text: string): void;
  /** What the process says on the file descriptor REPORT_FD, if it is to have one: a line of JSON. */
  onReport?(report: Readonly<Record<string, unknown>>): void;
}

/** The file descriptor that a process gets for its reports. */
export const REPORT_FD = 3;

/** A supervised process of the pod. It ends when this process does: its standard input closes. */
export class Child {
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  #exit: Exit | undefined;

  constructor({ program, args, env, onLine, onErrorLine, onReport }: ChildOptions) {
    this.#process = spawn(process.execPath, [...program.nodeArgs, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', ...(onReport ? (['pipe'] as const) : [])],
      env: { ...compileCache(), ...env, BOTTLE_SUPERVISED: '1' },
    });
    const { stdout, stderr, stdin } = this.#process;
    stdin?.on('error', () => {}); // it died before it read anything
    if (stdout) createInterface({ input: stdout }).on('line', (text) => onLine(parseLine(text)));
    if (stderr) createInterface({ input: stderr }).on('line', onErrorLine);
    const reports = this.#process.stdio[REPORT_FD];
    if (onReport && reports instanceof Readable)
      createInterface({ input: reports }).on('line', (text) => onReport(parseLine(text).fields ?? {}));
    this.exited = new Promise((resolve) => {
      const settle = (exit: Exit): void => {
        this.#exit = exit;
        resolve(exit);
      };
      this.#process.once('close', (code, signal) => settle({ code, signal }));
      this.#process.once('error', () => settle({ code: 70, signal: null }));
    });
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Says something to it: a line on its standard input. */
  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Asks it to stop, and kills it when it has not after `graceMs`. */
  async stop(graceMs: number): Promise<Exit> {
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/** A line as it stands in a log. */
export function parseLine(text: string): LogLine {
  if (!text.startsWith('{')) return { fields: undefined, text };
  try {
    return { fields: JSON.parse(text) as Record<string, unknown>, text };
  } catch {
    return { fields: undefined, text };
  }
}

/** "exit code 3", "SIGKILL" */
export function describeExit({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}
