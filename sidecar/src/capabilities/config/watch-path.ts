// Notices that what a path leads to has changed: edited in place, replaced by a rename (editors), or behind a symbolic
// link that was (Kubernetes swaps `..data`). Events of the directories make it quick; looking again and again makes it
// certain, also for directories that come and go and file systems that send no events.
import { type FSWatcher, watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const LOOK_MS = 500;
/** A writer may not be finished: events come before its last byte. */
const SETTLE_MS = 25;

export interface PathWatch {
  close(): void;
}

/** Calls back after each change. Does nothing at first. */
export async function watchPath(path: string, onChange: () => void): Promise<PathWatch> {
  const watchers = new Map<string, { watcher: FSWatcher; inode: bigint }>();
  let seen = await signatureOf(path);
  let looking = false;
  let pending: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(): Promise<void> {
    if (closed) return;
    if (looking) return soon();
    looking = true;
    try {
      await watchDirectories();
      const now = await signatureOf(path);
      if (closed || now.text === seen.text) return;
      const ageMs = Date.now() - now.modifiedMs;
      if (ageMs >= 0 && ageMs < SETTLE_MS) return soon();
      seen = now;
      onChange();
    } finally {
      looking = false;
    }
  }

  function soon(): void {
    if (closed) return;
    pending ??= setTimeout(() => {
      pending = undefined;
      void look();
    }, SETTLE_MS).unref();
  }

  /** The one with the path, and the one with the file that it leads to. */
  async function watchDirectories(): Promise<void> {
    const target = await realpath(path).catch(() => path);
    const wanted = new Map([path, target].map((file) => [dirname(file), basename(file)]));
    for (const [directory, { watcher }] of watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      watchers.delete(directory);
    }
    for (const [directory, name] of wanted) await watchDirectory(directory, name);
  }

  async function watchDirectory(directory: string, name: string): Promise<void> {
    const inode = await stat(directory, { bigint: true }).then(
      ({ ino }) => ino,
      () => undefined,
    );
    const known = watchers.get(directory);
    if (known && known.inode === inode) return;
    known?.watcher.close();
    watchers.delete(directory);
    if (inode === undefined || closed) return;
    try {
      const names = new Set([name, basename(path)]);
      const watcher = watch(directory, { persistent: false }, (_event, changed) => {
        if (changed === null || names.has(changed) || changed.startsWith('..')) soon();
      });
      watcher.on('error', () => watcher.close());
      watchers.set(directory, { watcher, inode });
    } catch {
      // No more watches to be had, or gone meanwhile: looking again does it.
    }
  }

  await watchDirectories();
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return {
    close() {
      closed = true;
      clearInterval(timer);
      clearTimeout(pending);
      for (const { watcher } of watchers.values()) watcher.close();
    },
  };
}

async function signatureOf(path: string): Promise<{ text: string; modifiedMs: number }> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return { text: [dev, ino, size, mtimeNs, ctimeNs].join(':'), modifiedMs: Number(mtimeNs / 1_000_000n) };
  } catch (error) {
    return { text: (error as NodeJS.ErrnoException).code ?? 'missing', modifiedMs: 0 };
  }
}
