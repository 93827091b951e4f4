// Knows the files that a project is made of, and whether they are as they were when it was loaded. The function process
// reports what it loads, with what each file was like before; events of the file system only say when to compare.
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { LoadedFiles } from '../runtime-process.ts';
import { DirectoryWatches } from './directory-watches.ts';
import { fileState } from './file-state.ts';
import { includedFiles, includedFolders, type Packaging } from './included-files.ts';

/** How often files are compared without an event: some file systems have none, and watches can run out. */
const SWEEP_MS = 2_000;

export interface ProjectWatchOptions {
  projectDir: string;
  /** Files that count although no code loads them, whether they are there or not. */
  named: readonly string[];
  /** Something may have changed. */
  onEvent(): void;
}

export class ProjectWatch {
  readonly #options: ProjectWatchOptions;
  readonly #files = new Map<string, { state: string; load: number }>();
  readonly #directories: DirectoryWatches;
  readonly #sweep: NodeJS.Timeout;
  #packaging: Packaging = { include: [], exclude: [] };
  #loads = 0;
  #listing: 'no' | 'yes' | 'again' = 'no';

  constructor(options: ProjectWatchOptions) {
    this.#options = options;
    this.#directories = new DirectoryWatches((path) => this.#seen(path));
    this.#sweep = setInterval(() => {
      this.#follow();
      if (this.changed().length > 0) options.onEvent();
    }, SWEEP_MS).unref();
  }

  /** Before a process loads the project: what it does not report is taken to be as it is now. */
  async begin(): Promise<void> {
    this.#loads++;
    for (const [path, file] of this.#files) file.state = fileState(path);
    for (const path of this.#options.named) this.#add(path, fileState(path));
    for (const path of await includedFiles(this.#options.projectDir, this.#packaging)) this.#add(path, fileState(path));
    this.#follow();
  }

  /** What a process has loaded. */
  async add({ files, packaging }: LoadedFiles): Promise<void> {
    for (const [path, state] of files) this.#add(path, state);
    if (packaging) {
      const known = new Set(this.#files.keys());
      const isSame = isDeepStrictEqual(packaging, this.#packaging);
      this.#packaging = packaging;
      const included = await includedFiles(this.#options.projectDir, packaging);
      // Of the same patterns all were known when it began: another one has come since.
      for (const path of included) if (!known.has(path)) this.#add(path, isSame ? '' : fileState(path));
    }
    this.#follow();
    this.#options.onEvent(); // it may have changed since it was read
  }

  /** After a load that worked: what belonged to the one before only is forgotten. */
  settle(): void {
    for (const [path, { load }] of this.#files) if (load < this.#loads) this.#files.delete(path);
    this.#follow();
  }

  /** Files that are not as they were loaded. */
  changed(): string[] {
    return [...this.#files].filter(([path, { state }]) => fileState(path) !== state).map(([path]) => path);
  }

  /** All that are watched, whether they are there or not. */
  get files(): string[] {
    return [...this.#files.keys()];
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#directories.close();
  }

  #add(path: string, state: string): void {
    this.#files.set(path, { state, load: this.#loads });
  }

  #seen(path: string): void {
    if (this.#files.has(path) || this.#isOnTheWay(path)) this.#options.onEvent();
    else if (this.#packaging.include.length > 0) void this.#list();
  }

  /** A directory that was made or removed. */
  #isOnTheWay(path: string): boolean {
    return [...this.#files.keys()].some((file) => file.startsWith(`${path}/`));
  }

  /** Finds files that are new and included. */
  async #list(): Promise<void> {
    if (this.#listing !== 'no') {
      this.#listing = 'again'; // what is being listed may have been passed already
      return;
    }
    this.#listing = 'yes';
    const known = new Set(this.#files.keys());
    const included = await includedFiles(this.#options.projectDir, this.#packaging).catch(() => []);
    const isStale = (this.#listing as string) === 'again';
    this.#listing = 'no';
    const added = included.filter((path) => !known.has(path));
    for (const path of added) this.#add(path, '');
    if (added.length > 0) this.#options.onEvent();
    if (isStale) await this.#list();
  }

  #follow(): void {
    const folders = includedFolders(this.#options.projectDir, this.#packaging);
    this.#directories.follow(new Set([...folders, ...[...this.#files.keys()].map((file) => dirname(file))]));
  }
}
