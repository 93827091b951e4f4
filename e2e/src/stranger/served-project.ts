import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ShellOptions } from './shell.ts';

const START_MS = 30_000;
const STOP_MS = 15_000;
const POLL_MS = 20;
/** How `bottle dev` and `bottle start` say where they listen. */
const PLACES = [/is ready on http:\/\/localhost:(\d+)/, /"port":(\d+).*"msg":"sidecar listens"/] as const;

/** A project that serves, started in a terminal of its own: Ctrl-C reaches everything in it. */
export class ServedProject {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #output = '';

  constructor(command: readonly string[], { cwd, env }: ShellOptions) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#closed = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => void (this.#output += text));
  }

  /** A request, once it is known where to. */
  async get(path: string, init: RequestInit = {}): Promise<Response> {
    let port: string | undefined;
    await this.#until('says where it listens', () => {
      port = PLACES.map((place) => place.exec(this.#output)?.[1]).find((found) => found !== undefined);
      return Promise.resolve(port !== undefined);
    });
    return fetch(`http://127.0.0.1:${port}${path}`, init);
  }

  /** The answer to a request, once it is this one; the text of the last one is in the error when it never is. */
  async answers(path: string, expected: string, init: RequestInit = {}): Promise<void> {
    let last = 'nothing listens';
    await this.#until(`${path} answers ${expected}`, async () => {
      const response = await this.get(path, init);
      last = `${response.status} ${await response.text()}`;
      return last === expected;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\nlast answer: ${last}\n${this.#output.slice(-3_000)}`);
    });
  }

  /** Until something is in its output. */
  async says(text: string): Promise<void> {
    await this.#until(`says ${text}`, () => Promise.resolve(this.#output.includes(text)));
  }

  /** What a pattern's group finds in its output. */
  find(pattern: RegExp): string | undefined {
    return pattern.exec(this.#output)?.[1];
  }

  /** The port after a name in its log: "rpcPort". */
  port(name: string): number {
    return Number(this.find(new RegExp(`"${name}":(\\d+)`)));
  }

  /** Ctrl-C. Throws unless everything is gone in time, by itself. Says how it ended. */
  async interrupt(): Promise<string> {
    this.#signal('SIGINT');
    const ended = await Promise.race([this.#closed, delay(STOP_MS, undefined)]);
    if (!ended) throw new Error(`still runs after Ctrl-C:\n${this.#output.slice(-3_000)}`);
    if (this.#signal(0)) throw new Error('Ctrl-C leaves processes behind');
    const [code, signal] = ended as [number | null, string | null];
    return signal ?? `exit code ${code}`; // npm ends itself by the signal that it got
  }

  /** Ends whoever started it, and nothing else, at once or by SIGTERM. Throws unless everything is gone in time, by itself. */
  async endStarter(signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const startedAt = performance.now();
    this.#child.kill(signal);
    // A package manager may give what it starts a group of its own.
    const serves = (): Promise<boolean> =>
      this.get('/').then(
        () => true,
        () => false,
      );
    while (this.#signal(0) || (await serves())) {
      if (performance.now() > startedAt + STOP_MS) throw new Error(`still runs:\n${this.#output.slice(-3_000)}`);
      await delay(POLL_MS);
    }
    return `all gone after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  }

  /** For the case that something went wrong before. */
  async kill(): Promise<void> {
    if (this.#signal('SIGKILL')) await this.#closed;
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (!(await condition().catch(() => false))) {
      if (this.#child.exitCode !== null) throw new Error(`ended before it ${what}:\n${this.#output.slice(-3_000)}`);
      if (performance.now() > deadline) throw new Error(`not within ${START_MS} ms: ${what}`);
      await delay(POLL_MS);
    }
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-(this.#child.pid ?? 0), signal);
    } catch {
      return false; // nobody is left
    }
  }
}
