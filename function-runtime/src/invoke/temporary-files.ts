import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaaSLogger } from 'bottle-sdk';
import type { FileStore } from 'bottle-sdk/http-results';
import type { TemporaryDirectory } from './temporary-directory.ts';

/** The files of one invocation. None is made after they were removed. */
export class TemporaryFiles implements FileStore {
  readonly #directory: TemporaryDirectory;
  readonly #logger: FaaSLogger;
  readonly #paths: string[] = [];
  #isRemoved = false;

  constructor(directory: TemporaryDirectory, logger: FaaSLogger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  async create(): Promise<{ path: string; handle: FileHandle }> {
    const path = join(await this.#directory.path(), this.#directory.nextName());
    if (this.#isRemoved) throw new Error('the invocation is over');
    this.#paths.push(path);
    const handle = await open(path, 'wx', 0o600);
    if (!this.#isRemoved) return { path, handle };
    await handle.close();
    await rm(path, { force: true });
    throw new Error('the invocation is over');
  }

  /** Those that are being written go as well. */
  remove(): void {
    this.#isRemoved = true;
    for (const path of this.#paths.splice(0)) {
      rm(path, { force: true }).catch((error: unknown) => {
        this.#logger.error({ err: error, path }, 'a temporary file stays');
      });
    }
  }
}
