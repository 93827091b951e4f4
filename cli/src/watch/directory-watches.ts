import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Watches the directories that files are in, one by one. A directory sees what happens to the names in it: files that an
 * editor replaces, and files that were not there before.
 */
export class DirectoryWatches {
  readonly #onEvent: (path: string) => void;
  readonly #watches = new Map<string, { watcher: FSWatcher | undefined; inode: number }>();

  /** `onEvent` hears of everything in those directories, and of a directory itself when nobody knows what it was. */
  constructor(onEvent: (path: string) => void) {
    this.#onEvent = onEvent;
  }

  /** These directories, or what there is of the way to them, and no others. */
  follow(directories: ReadonlySet<string>): void {
    const wanted = new Set([...directories].map((directory) => existing(directory)));
    for (const [directory, { watcher, inode }] of this.#watches) {
      if (wanted.has(directory) && inodeOf(directory) === inode) continue;
      watcher?.close();
      this.#watches.delete(directory);
    }
    for (const directory of wanted) if (!this.#watches.has(directory)) this.#watch(directory);
  }

  close(): void {
    for (const { watcher } of this.#watches.values()) watcher?.close();
    this.#watches.clear();
  }

  #watch(directory: string): void {
    const inode = inodeOf(directory);
    try {
      const watcher = watch(directory, (_event, name) => {
        this.#onEvent(name === null ? directory : join(directory, name));
      });
      watcher.on('error', () => {}); // gone, or out of watches: whoever needs more looks by himself now and then
      this.#watches.set(directory, { watcher, inode });
    } catch {
      this.#watches.set(directory, { watcher: undefined, inode });
    }
  }
}

function existing(directory: string): string {
  const parent = dirname(directory);
  return parent === directory || inodeOf(directory) !== 0 ? directory : existing(parent);
}

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}
