import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaaSLogger } from 'bottle-sdk';

/** The id of the process that made it is in its name. */
const NAME = /^bottle-files-(\d+)-/;

/**
 * Where invocations of this process keep files, made when the first one does. Whatever a process leaves that was killed, the
 * next one to start removes.
 */
export class TemporaryDirectory {
  readonly #parent: string;
  #made: Promise<string> | undefined;
  #files = 0;

  /** @param parent of all processes. @default the system's directory for temporary files */
  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** It is there, and only its owner may read it. Rejects when it cannot be made. */
  async path(): Promise<string> {
    try {
      this.#made ??= mkdtemp(join(this.#parent, `bottle-files-${process.pid}-`));
      const path = await this.#made;
      await mkdir(path, { recursive: true, mode: 0o700 }); // there are programs that tidy such directories
      return path;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  nextName(): string {
    this.#files += 1;
    return String(this.#files);
  }

  /** Of processes that are gone. Those of other users cannot be removed, and stay. */
  async removeStale(logger: FaaSLogger): Promise<void> {
    const names = await readdir(this.#parent).catch(() => []); // it may not be read, or is not there: then nothing is
    for (const name of names) {
      const path = join(this.#parent, name);
      const pid = Number(NAME.exec(name)?.[1] ?? 0);
      if (pid === 0 || (pid !== process.pid && isRunning(pid)) || path === (await this.#own())) continue;
      await rm(path, { recursive: true, force: true }).then(
        () => logger.info({ path }, 'removed the temporary files of a process that is gone'),
        (error: unknown) => logger.debug({ err: error, path }, 'temporary files of another process stay'),
      );
    }
  }

  async remove(): Promise<void> {
    const path = await this.#own();
    if (path !== undefined) await rm(path, { recursive: true, force: true });
  }

  #own(): Promise<string | undefined> {
    return Promise.resolve(this.#made).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
