import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteRange } from './byte-range.ts';
import { type StaticFile, validatorsOf } from './static-file.ts';

/** What is read at once, in bytes. */
const CHUNK_BYTES = 128 * 1024;
/** A pipe that has taken the file's place must not hold anybody up. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * The bytes of a file, or a part of them, as they are read. Opened when the first is asked for, so that an answer that
 * nobody sends leaves nothing open. Throws when the file is not, or does not stay, what was found: what is cut off is not
 * taken for the whole.
 */
export class FileContent implements AsyncIterable<Uint8Array> {
  readonly #file: StaticFile;
  readonly #range: ByteRange;

  constructor(file: StaticFile, range: ByteRange) {
    this.#file = file;
    this.#range = range;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    const handle = await open(this.#file.path, FLAGS);
    try {
      yield* this.#read(handle);
    } finally {
      await handle.close();
    }
  }

  async *#read(handle: FileHandle): AsyncGenerator<Uint8Array, undefined> {
    await this.#assertUnchanged(handle);
    const { first, last } = this.#range;
    for (let at = first; at <= last; ) {
      const { bytesRead, buffer } = await handle.read({
        buffer: Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, last + 1 - at)),
        position: at,
      });
      at += bytesRead;
      // Before the last chunk: whoever has it has a complete answer.
      if (bytesRead === 0 || at > last) await this.#assertUnchanged(handle);
      if (bytesRead === 0) throw changed(this.#file.path);
      yield buffer.subarray(0, bytesRead);
    }
  }

  async #assertUnchanged(handle: FileHandle): Promise<void> {
    if (validatorsOf(await handle.stat({ bigint: true })).etag !== this.#file.etag) throw changed(this.#file.path);
  }
}

function changed(path: string): Error {
  return new Error(`${path} changed while it was sent`);
}
