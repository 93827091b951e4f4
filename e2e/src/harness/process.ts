import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

type Fields = Record<string, unknown>;

/** Those of the program's package: the ones that it has in a pod. */
function flagsOf(program: string): string[] {
  const manifest = join(program, '../../package.json');
  const { nodeFlags } = (existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {}) as {
    nodeFlags?: string[];
  };
  return nodeFlags ?? ['--disable-warning=ExperimentalWarning', '--report-exclude-env'];
}

/** A real process of the platform and everything it logged. */
export class TestProcess {
  readonly lines: Fields[] = [];
  readonly stderr: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const nodeArgs = [...flagsOf(args[0] ?? ''), '--conditions=source', ...args];
    this.#child = spawn(process.execPath, nodeArgs, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#exited = once(this.#child, 'close');
    const { stdout, stderr } = this.#child;
    if (stdout) createInterface({ input: stdout }).on('line', (text) => this.#onLine(text));
    if (stderr) createInterface({ input: stderr }).on('line', (text) => this.stderr.push(text));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The first line, past or future, for which the test holds. Rejects when the process ends before. */
  async line(test: (fields: Fields) => boolean): Promise<Fields> {
    for (;;) {
      const found = this.lines.find(test);
      if (found) return found;
      const more = new Promise<boolean>((resolve) => this.#waiting.add(() => resolve(true)));
      const goesOn = await Promise.race([more, this.#exited.then(() => false)]);
      if (!goesOn && !this.lines.some(test)) throw new Error(`the process ended first:\n${this.stderr.join('\n')}`);
    }
  }

  said(message: string): Promise<Fields> {
    return this.line((fields) => fields['msg'] === message);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, or the signal. */
  async exit(): Promise<number | string> {
    const [code, signal] = await this.#exited;
    return (code as number | null) ?? (signal as string);
  }

  async end(): Promise<void> {
    if (this.isRunning) this.kill('SIGKILL');
    await this.#exited;
  }

  #onLine(text: string): void {
    try {
      this.lines.push(JSON.parse(text) as Fields);
    } catch {
      this.lines.push({ text });
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
