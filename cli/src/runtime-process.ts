import { Child, type Exit, type LogLine, REPORT_FD } from './child.ts';
import { runtimeProgram } from './programs.ts';

/** How the process that runs functions is started, besides what every start has. */
export interface FunctionProcess {
  nodeArgs: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}

/** Files that a project was loaded from, each with what it was like before: "modified-size-inode", empty without one. */
export interface LoadedFiles {
  files: [path: string, state: string][];
  /** `package` of its serverless.yml, when that was read since the last time. */
  packaging?: { include: string[]; exclude: string[] };
}

export interface RuntimeProcessOptions {
  projectDir: string;
  socketDir: string;
  functionProcess: FunctionProcess;
  /** "--replace" */
  args: readonly string[];
  onLine(line: LogLine): void;
  onErrorLine(text: string): void;
  onFiles(loaded: LoadedFiles): void;
}

/** The process that runs functions, under supervision. */
export class RuntimeProcess {
  readonly exited: Promise<Exit>;
  /** Settles when it has the socket. */
  readonly serving: Promise<true>;
  /** Settles when the sidecar sends new invocations to it. */
  readonly connected: Promise<true>;
  readonly #child: Child;

  constructor(options: RuntimeProcessOptions) {
    const serving = Promise.withResolvers<true>();
    const connected = Promise.withResolvers<true>();
    this.serving = serving.promise;
    this.connected = connected.promise;
    const { nodeArgs, env } = options.functionProcess;
    this.#child = new Child({
      program: { nodeArgs: [...nodeArgs, ...runtimeProgram().nodeArgs] },
      args: [options.projectDir, '--socket-dir', options.socketDir, '--report-fd', String(REPORT_FD), ...options.args],
      env,
      onLine: (line) => options.onLine(line),
      onErrorLine: (text) => options.onErrorLine(text),
      onReport(report) {
        if (report['event'] === 'serves') serving.resolve(true);
        if (report['event'] === 'connected') connected.resolve(true);
        if (report['event'] === 'files') options.onFiles(report as unknown as LoadedFiles);
      },
    });
    this.exited = this.#child.exited;
  }

  get hasExited(): boolean {
    return this.#child.hasExited;
  }

  /** "load" ends the wait of a process that was started with --standby; the port of the debugger goes off and on. */
  say(what: 'load' | 'inspector off' | 'inspector on'): void {
    this.#child.say(what);
  }

  stop(graceMs: number): Promise<Exit> {
    return this.#child.stop(graceMs);
  }

  kill(): void {
    this.#child.kill();
  }
}
