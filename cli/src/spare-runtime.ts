import { isDeepStrictEqual } from 'node:util';
import type { FunctionProcess, RuntimeProcess } from './runtime-process.ts';

/** After a start, so that its first requests have the processor for themselves. */
const PREPARE_MS = 150;

export interface SpareRuntimeOptions {
  /** What a process would be started with now. */
  functionProcess(): FunctionProcess;
  /** Starts one that waits before it reads the project. */
  start(functionProcess: FunctionProcess): RuntimeProcess;
}

/**
 * A function process in reserve that has loaded everything but the project: what takes longest at a start is the same
 * each time. It is of use as long as a new one would be started in the same way.
 */
export class SpareRuntime {
  readonly #options: SpareRuntimeOptions;
  #spare: { process: RuntimeProcess; startedWith: FunctionProcess } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SpareRuntimeOptions) {
    this.#options = options;
  }

  /** Soon there will be one. */
  prepare(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ensure(this.#options.functionProcess()), PREPARE_MS);
  }

  /** The process in reserve, or one that was started just now; it goes on to load the project. */
  take(): RuntimeProcess {
    clearTimeout(this.#timer);
    const { process } = this.#ensure(this.#options.functionProcess());
    this.#spare = undefined;
    process.say('load');
    return process;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#spare?.process.kill();
    this.#spare = undefined;
  }

  #ensure(startedWith: FunctionProcess): { process: RuntimeProcess } {
    const { process } = this.#spare ?? {};
    if (process && !process.hasExited && isDeepStrictEqual(this.#spare?.startedWith, startedWith)) return { process };
    process?.kill();
    this.#spare = { process: this.#options.start(startedWith), startedWith };
    return this.#spare;
  }
}
