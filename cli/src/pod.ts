// Supervises the two processes of a pod on one machine.
//  1. Both start at once and find each other through the socket directory.
//  2. One that dies is started again: at once the first time, then with backoff, which a healthy while resets.
//  3. Bad configuration (78) and a taken port (69) are nobody's accident: they end the pod with that code. While somebody
//     edits the files (`develops`) that holds for the first start alone: later on they may be put right.
//  4. Stop order: the sidecar drains while the runtime still serves, then the runtime closes. Every step is bounded.
//  5. A process that the other one finds stuck (three pings in a row without an answer) is killed, and so started anew.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child, describeExit, type Exit, type LogLine } from './child.ts';
import { sidecarProgram } from './programs.ts';
import { type FunctionProcess, type LoadedFiles, RuntimeProcess } from './runtime-process.ts';
import { SpareRuntime } from './spare-runtime.ts';

/** What a process logs when it finds the other one stuck. */
const RUNTIME_STUCK = 'the function container is stuck, it is to be replaced';
const SIDECAR_STUCK = 'the sidecar is stuck, it is to be replaced';
const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 5_000;
const HEALTHY_MS = 10_000;
/** Longest wait for the sidecar to find a function process that serves. */
const CONNECT_MS = 5_000;
/** Longest a process may take to stop after the sidecar's own drain budget. */
const STOP_GRACE_MS = 90_000;
/** A process that stands at a breakpoint finishes what it began when it may go on; at the end of the pod it is not waited for. */
const DEBUGGED_GRACE_MS = 3_600_000;
const DEBUGGED_STOP_MS = 5_000;
const FATAL_CODES: ReadonlySet<number | null> = new Set([64, 69, 78]);

type ProcessName = 'sidecar' | 'runtime';

export interface PodOptions {
  projectDir: string;
  /** Asked at each start of the sidecar. */
  sidecarArgs(): readonly string[];
  /** The sidecar's; asked at each start. */
  env(): Readonly<Record<string, string | undefined>>;
  /** Asked at each start of the process that runs functions. */
  functionProcess(socketDir: string): FunctionProcess;
  /** Where the function process can be debugged, and whether it waits for that. */
  inspect: { address: string; stops: boolean } | undefined;
  /** For development: a process is kept in reserve for `replaceRuntime`, and invariant 3 is milder. */
  develops: boolean;
  /** What the function process that serves, or is about to, was loaded from. */
  onFiles?(loaded: LoadedFiles): void;
  /** Every log line of either process. */
  onLine(process: ProcessName, line: LogLine): void;
  onErrorLine(process: ProcessName, text: string): void;
  /** What the supervisor itself has to say. */
  onEvent(level: 'info' | 'warn' | 'error', message: string, fields?: object): void;
}

/** Where the pod listens. */
export interface Ports {
  port: number;
  adminPort: number;
  /** Of the HTTP port. */
  scheme: 'http' | 'https';
}

export class Pod {
  /** Settles when the sidecar listens for the first time. */
  readonly listening: Promise<Ports>;
  /** Settles with the exit code when the pod has ended, by `stop` or because it cannot run. */
  readonly ended: Promise<number>;
  readonly #options: PodOptions;
  readonly #socketDir: string;
  readonly #announce: (ports: Ports) => void;
  readonly #end: (code: number) => void;
  #sidecar: Child | undefined;
  #runtime: RuntimeProcess | undefined;
  /** The one that loads, to take the other's place. */
  #next: RuntimeProcess | undefined;
  readonly #spare: SpareRuntime;
  #stopping = false;
  /** A sidecar that ends because it is to. */
  #replacedSidecar: Child | undefined;

  static async start(options: PodOptions): Promise<Pod> {
    const pod = new Pod(options, await mkdtemp(join(tmpdir(), 'bottle-')));
    void pod.#restartWhenDead('sidecar', pod.#startSidecar());
    void pod.#restartWhenDead('runtime', pod.#startRuntime());
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
    this.#spare = new SpareRuntime({
      functionProcess: () => options.functionProcess(this.#socketDir),
      start: (functionProcess) => this.#spawnRuntime(functionProcess, ['--replace', '--standby']),
    });
  }

  /** Puts a new runtime in the place of the running one, when its code loads; says whether it did. */
  async replaceRuntime(): Promise<boolean> {
    const { inspect } = this.#options;
    if (inspect) this.#runtime?.say('inspector off');
    const next = this.#spare.take();
    this.#next = next;
    const outcome = await Promise.race([next.serving, next.exited]);
    // The one before serves until the sidecar has the new one; a sidecar that is not there is not waited for for long.
    if (outcome === true)
      await Promise.race([next.connected, next.exited, delay(CONNECT_MS, undefined, { ref: false })]);
    this.#next = undefined;
    if (this.#stopping) {
      next.kill();
      return false;
    }
    this.#spare.prepare();
    if (outcome !== true) {
      if (inspect) this.#runtime?.say('inspector on');
      return false;
    }
    const previous = this.#runtime;
    this.#runtime = next;
    void this.#restartWhenDead('runtime', next);
    void previous?.stop(inspect ? DEBUGGED_GRACE_MS : STOP_GRACE_MS);
    return true;
  }

  /** Starts the sidecar anew, drained, for a changed configuration. */
  async restartSidecar(): Promise<void> {
    this.#replacedSidecar = this.#sidecar;
    await this.#sidecar?.stop(STOP_GRACE_MS);
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#abandon();
    await this.#sidecar?.stop(STOP_GRACE_MS); // invariant 4
    await this.#runtime?.stop(this.#options.inspect ? DEBUGGED_STOP_MS : STOP_GRACE_MS);
    await this.#finish(0);
  }

  /** No more patience. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#abandon();
    this.#sidecar?.kill();
    this.#runtime?.kill();
    await this.#finish(130);
  }

  /** Ends what has no work yet. */
  #abandon(): void {
    this.#spare.close();
    this.#next?.kill();
  }

  async #finish(code: number): Promise<void> {
    await rm(this.#socketDir, { recursive: true, force: true });
    this.#end(code);
  }

  #watchSidecar({ fields }: LogLine): void {
    if (fields?.['msg'] === RUNTIME_STUCK) this.#runtime?.kill(); // invariant 5
    if (fields?.['msg'] !== 'sidecar listens') return;
    const scheme = fields['scheme'] === 'https' ? 'https' : 'http';
    this.#announce({ port: Number(fields['port']), adminPort: Number(fields['adminPort']), scheme });
  }

  #watchRuntime({ fields }: LogLine): void {
    if (fields?.['msg'] === SIDECAR_STUCK) this.#sidecar?.kill(); // invariant 5
  }

  async #restartWhenDead(name: ProcessName, first: Child | RuntimeProcess): Promise<void> {
    let child = first;
    let backoffMs = 0;
    for (let starts = 1; ; starts++) {
      const startedAt = performance.now();
      const exit = await child.exited;
      if (this.#stopping || (name === 'runtime' && this.#runtime !== child)) return;
      if (child === this.#replacedSidecar) {
        child = this.#startSidecar();
        backoffMs = 0;
        continue;
      }
      if (FATAL_CODES.has(exit.code) && (starts === 1 || !this.#options.develops)) {
        await this.#giveUp(exit);
        return;
      }
      if (performance.now() - startedAt > HEALTHY_MS) backoffMs = 0;
      const fields = { process: name, code: exit.code, signal: exit.signal };
      this.#options.onEvent('warn', `${name} ended (${describeExit(exit)}), starting it again`, fields);
      await delay(backoffMs * (0.75 + Math.random() / 2));
      backoffMs = Math.min(Math.max(backoffMs * 2, BACKOFF_MIN_MS), BACKOFF_MAX_MS);
      if (this.#stopping || (name === 'runtime' && this.#runtime !== child)) return;
      child = name === 'sidecar' ? this.#startSidecar() : this.#startRuntime();
    }
  }

  async #giveUp({ code }: Exit): Promise<void> {
    this.#stopping = true;
    this.#abandon();
    this.#sidecar?.kill();
    this.#runtime?.kill();
    await Promise.all([this.#sidecar?.exited, this.#runtime?.exited]);
    await this.#finish(code ?? 70);
  }

  #startSidecar(): Child {
    const { env, inspect, sidecarArgs, onLine, onErrorLine } = this.#options;
    const patience = inspect ? ['--channel-pings', 'false'] : []; // at a breakpoint nothing is answered
    this.#sidecar = new Child({
      program: sidecarProgram(),
      args: [...sidecarArgs(), ...patience, '--socket-dir', this.#socketDir, ...this.#flags],
      env: env(),
      onLine: (line) => {
        onLine('sidecar', line);
        this.#watchSidecar(line);
      },
      onErrorLine: (text) => onErrorLine('sidecar', text),
    });
    return this.#sidecar;
  }

  /** For both processes: a flag, and no setting, so that no environment and no file turns it on in production. */
  get #flags(): string[] {
    return this.#options.develops ? ['--develop'] : [];
  }

  #startRuntime(): RuntimeProcess {
    const started = this.#spawnRuntime(this.#options.functionProcess(this.#socketDir), []);
    this.#runtime = started;
    if (this.#options.develops) void started.serving.then(() => this.#spare.prepare());
    return started;
  }

  #spawnRuntime(functionProcess: FunctionProcess, args: readonly string[]): RuntimeProcess {
    const { inspect, projectDir, onLine, onErrorLine, onFiles } = this.#options;
    const debugging = inspect ? [`--inspect${inspect.stops ? '-brk' : ''}=${inspect.address}`] : [];
    const started: RuntimeProcess = new RuntimeProcess({
      projectDir,
      socketDir: this.#socketDir,
      functionProcess,
      args: [...debugging, ...args, ...this.#flags],
      onLine: (line) => {
        onLine('runtime', line);
        if (started === this.#runtime) this.#watchRuntime(line);
      },
      onErrorLine: (text) => onErrorLine('runtime', text),
      onFiles: (loaded) => {
        if (started === this.#runtime || started === this.#next) onFiles?.(loaded);
      },
    });
    return started;
  }
}
