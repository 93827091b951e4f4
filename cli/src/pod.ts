// Supervises the two processes of a pod on one machine.
//  1. Both start at once and find each other through the socket directory.
//  2. One that dies is started again: at once the first time, then with backoff, which a healthy while resets.
//  3. Bad configuration (78) and a taken port (69) are nobody's accident: they end the pod with that code.
//  4. Stop order: the sidecar drains while the runtime still serves, then the runtime closes. Every step is bounded.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child, type ChildOptions, describeExit, type Exit, type LogLine } from './child.ts';
import { type Program, runtimeProgram, sidecarProgram } from './programs.ts';

const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 5_000;
const HEALTHY_MS = 10_000;
/** Longest a process may take to stop after the sidecar's own drain budget. */
const STOP_GRACE_MS = 90_000;
const FATAL_CODES: ReadonlySet<number | null> = new Set([64, 69, 78]);

type ProcessName = 'sidecar' | 'runtime';

export interface PodOptions {
  projectDir: string;
  sidecarArgs: readonly string[];
  /** The sidecar's. */
  env: Readonly<Record<string, string | undefined>>;
  /** Asked at each start of the process that runs functions. */
  functionProcess(socketDir: string): FunctionProcess;
  /** Every log line of either process. */
  onLine(process: ProcessName, line: LogLine): void;
  onErrorLine(process: ProcessName, text: string): void;
  /** What the supervisor itself has to say. */
  onEvent(level: 'info' | 'warn' | 'error', message: string, fields?: object): void;
}

/** How the process that runs functions is started, besides what every start has. */
export interface FunctionProcess {
  nodeArgs: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** Where the pod listens. */
export interface Ports {
  port: number;
  adminPort: number;
}

export class Pod {
  /** Settles when the sidecar listens. */
  readonly listening: Promise<Ports>;
  /** Settles with the exit code when the pod has ended, by `stop` or because it cannot run. */
  readonly ended: Promise<number>;
  readonly #options: PodOptions;
  readonly #socketDir: string;
  readonly #announce: (ports: Ports) => void;
  readonly #end: (code: number) => void;
  #sidecar: Child | undefined;
  #runtime: Child | undefined;
  #stopping = false;

  static async start(options: PodOptions): Promise<Pod> {
    const pod = new Pod(options, await mkdtemp(join(tmpdir(), 'bottle-')));
    void pod.#keep('sidecar');
    void pod.#keep('runtime');
    return pod;
  }

  private constructor(options: PodOptions, socketDir: string) {
    this.#options = options;
    this.#socketDir = socketDir;
    const listening = Promise.withResolvers<Ports>();
    const ended = Promise.withResolvers<number>();
    this.listening = listening.promise;
    this.ended = ended.promise;
    this.#announce = listening.resolve;
    this.#end = ended.resolve;
  }

  /** Puts a new runtime in the place of the running one, when its code loads; says whether it did. */
  async replaceRuntime(): Promise<boolean> {
    const serving = Promise.withResolvers<true>();
    const next = this.#spawn('runtime', ['--replace'], (line) => {
      if (line.fields?.['msg'] === 'runtime serves') serving.resolve(true);
    });
    const outcome = await Promise.race([serving.promise, next.exited]);
    if (outcome !== true) return false;
    const previous = this.#runtime;
    this.#runtime = next;
    void this.#restartWhenDead('runtime', next);
    void previous?.stop(STOP_GRACE_MS);
    return true;
  }

  /** Starts the sidecar anew, drained, for a changed configuration. */
  async restartSidecar(): Promise<void> {
    await this.#sidecar?.stop(STOP_GRACE_MS);
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await this.#sidecar?.stop(STOP_GRACE_MS); // invariant 4
    await this.#runtime?.stop(STOP_GRACE_MS);
    await this.#finish(0);
  }

  /** No more patience. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#sidecar?.kill();
    this.#runtime?.kill();
    await this.#finish(130);
  }

  async #finish(code: number): Promise<void> {
    await rm(this.#socketDir, { recursive: true, force: true });
    this.#end(code);
  }

  async #keep(name: ProcessName): Promise<void> {
    const child = this.#spawn(name, [], (line) => this.#watchLine(name, line));
    if (name === 'sidecar') this.#sidecar = child;
    else this.#runtime = child;
    await this.#restartWhenDead(name, child);
  }

  #watchLine(name: ProcessName, { fields }: LogLine): void {
    if (name !== 'sidecar' || fields?.['msg'] !== 'sidecar listens') return;
    this.#announce({ port: Number(fields['port']), adminPort: Number(fields['adminPort']) });
  }

  async #restartWhenDead(name: ProcessName, first: Child): Promise<void> {
    let child = first;
    let backoffMs = 0;
    for (;;) {
      const startedAt = performance.now();
      const exit = await child.exited;
      if (this.#stopping || (name === 'runtime' && this.#runtime !== child)) return;
      if (FATAL_CODES.has(exit.code)) {
        await this.#giveUp(exit);
        return;
      }
      if (performance.now() - startedAt > HEALTHY_MS) backoffMs = 0;
      const fields = { process: name, code: exit.code, signal: exit.signal };
      this.#options.onEvent('warn', `${name} ended (${describeExit(exit)}), starting it again`, fields);
      await delay(backoffMs * (0.75 + Math.random() / 2));
      backoffMs = Math.min(Math.max(backoffMs * 2, BACKOFF_MIN_MS), BACKOFF_MAX_MS);
      if (this.#stopping) return;
      child = this.#spawn(name, [], (line) => this.#watchLine(name, line));
      if (name === 'sidecar') this.#sidecar = child;
      else this.#runtime = child;
    }
  }

  async #giveUp({ code }: Exit): Promise<void> {
    this.#stopping = true;
    this.#sidecar?.kill();
    this.#runtime?.kill();
    await Promise.all([this.#sidecar?.exited, this.#runtime?.exited]);
    await this.#finish(code ?? 70);
  }

  #spawn(name: ProcessName, extraArgs: readonly string[], watch: (line: LogLine) => void): Child {
    const { env, functionProcess, onLine, onErrorLine, projectDir, sidecarArgs } = this.#options;
    const program: Program = name === 'sidecar' ? sidecarProgram() : runtimeProgram();
    const own = name === 'sidecar' ? sidecarArgs : [projectDir];
    const { nodeArgs, env: childEnv } = name === 'sidecar' ? { nodeArgs: [], env } : functionProcess(this.#socketDir);
    const options: ChildOptions = {
      program: { nodeArgs: [...nodeArgs, ...program.nodeArgs] },
      args: [...own, '--socket-dir', this.#socketDir, ...extraArgs],
      env: childEnv,
      onLine: (line) => {
        onLine(name, line);
        watch(line);
      },
      onErrorLine: (text) => onErrorLine(name, text),
    };
    return new Child(options);
  }
}
