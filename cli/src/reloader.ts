import { type FSWatcher, watch } from 'chokidar';

/** Editors write a file in several steps; one reload is enough for all of them. */
const SETTLE_MS = 60;
const IGNORED = /(^|[/\\])(node_modules|\.git|dist|\.bottle|coverage)([/\\]|$)/;

export interface ReloaderOptions {
  projectDir: string;
  /** One call at a time; changes meanwhile lead to another call. */
  onChange(files: string[]): Promise<void>;
}

/** Watches a project and calls back for changes, one reload after the other, none lost. */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watcher: FSWatcher;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  static async start(options: ReloaderOptions): Promise<Reloader> {
    const watcher = watch(options.projectDir, {
      ignoreInitial: true,
      ignored: (path) => IGNORED.test(path.slice(options.projectDir.length)),
    });
    const reloader = new Reloader(options, watcher);
    await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    return reloader;
  }

  private constructor(options: ReloaderOptions, watcher: FSWatcher) {
    this.#options = options;
    this.#watcher = watcher;
    watcher.on('all', (_event, path) => {
      this.#changed.add(path);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#run(), SETTLE_MS);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#changed.size > 0) {
      const files = [...this.#changed];
      this.#changed.clear();
      await this.#options.onChange(files);
    }
    this.#running = false;
  }
}
