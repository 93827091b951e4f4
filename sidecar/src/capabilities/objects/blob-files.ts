import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Younger files may be those of a put that is under way, in another process. */
const ORPHAN_MS = 86_400_000;

/** Files with names of the driver's own, in 256 folders. */
export class BlobFiles {
  readonly #root: string;
  #isClosed = false;

  constructor(root: string) {
    this.#root = root;
  }

  /** Where a new file is to be made. Throws when its folder is a link to somewhere else. */
  async place(blob: string): Promise<string> {
    const folder = join(this.#root, blob.slice(0, 2));
    await mkdir(folder, { recursive: true });
    if ((await realpath(folder)) !== folder) throw Object.assign(new Error('a link'), { code: 'ELOOP' });
    return join(folder, blob);
  }

  /** Undefined where there is none. */
  async open(blob: string): Promise<FileHandle | undefined> {
    try {
      return await open(await this.place(blob), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** What cannot be removed now is removed by a later sweep. */
  async remove(blob: string): Promise<void> {
    await rm(join(this.#root, blob.slice(0, 2), blob), { force: true }).catch(() => {});
  }

  /** Removes files that nobody knows, left behind by processes that died. Never rejects. */
  async sweep(isKnown: (blob: string) => boolean): Promise<void> {
    const folders = await readdir(this.#root).catch(() => []);
    for (const folder of folders) {
      const names = await readdir(join(this.#root, folder)).catch(() => []);
      for (const name of names) {
        if (this.#isClosed) return;
        if (isKnown(name)) continue;
        const path = join(this.#root, folder, name);
        const modifiedMs = await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => Number.POSITIVE_INFINITY,
        );
        if (Date.now() - modifiedMs <= ORPHAN_MS || this.#isClosed || isKnown(name)) continue;
        await rm(path, { force: true }).catch(() => {}); // the next start will try again
      }
    }
  }

  close(): void {
    this.#isClosed = true;
  }
}
