import { existsSync } from 'node:fs';
import { ProjectWatch } from './watch/project-watch.ts';
import type { LoadedFiles } from './runtime-process.ts';

/** Editors write a file in several steps; one reload is enough for all of them. */
const SETTLE_MS = 25;
/** A file that is not there may be on its way: some tools remove it before they write it. */
const MISSING_MS = 100;
/** Changes that do not end are not waited for longer. */
const MAX_SETTLE_MS = 500;

export interface ReloaderOptions {
  projectDir: string;
  /** Files that count although no code loads them. */
  named: readonly string[];
  /** One call at a time; changes meanwhile lead to one more. Says whether a process has loaded the project as it is now. */
  onChange(files: string[]): Promise<boolean>;
}

/** Watches what a project is made of and calls back for changes, one reload after the other, none lost. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: ProjectWatch;
  #timer: NodeJS.Timeout | undefined;
  #firstEventAt: number | undefined;
  #running = false;
  #closed = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    const { projectDir, named } = options;
    this.#watch = new ProjectWatch({ projectDir, named, onEvent: () => this.#schedule(SETTLE_MS) });
  }

  /** Before the project is loaded for the first time. */
  begin(): Promise<void> {
    return this.#watch.begin();
  }

  /** What was loaded. */
  add(loaded: LoadedFiles): void {
    if (!this.#closed) void this.#watch.add(loaded);
  }

  /** What the project is made of, as far as it is known. */
  get files(): string[] {
    return this.#watch.files;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
  }

  #schedule(afterMs: number): void {
    if (this.#running || this.#closed) return; // `#run` looks again at its end
    this.#firstEventAt ??= performance.now();
    const leftMs = this.#firstEventAt + MAX_SETTLE_MS - performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#compare(afterMs), Math.max(0, Math.min(afterMs, leftMs)));
  }

  #compare(waitedMs: number): void {
    const changed = this.#watch.changed();
    if (waitedMs < MISSING_MS && changed.some((path) => !existsSync(path))) {
      this.#schedule(MISSING_MS);
      return;
    }
    this.#firstEventAt = undefined;
    if (changed.length > 0) void this.#run(changed);
  }

  async #run(changed: string[]): Promise<void> {
    this.#running = true;
    await this.#watch.begin();
    const loaded = await this.#options.onChange(changed);
    if (loaded) this.#watch.settle();
    this.#running = false;
    this.#schedule(SETTLE_MS);
  }
}
