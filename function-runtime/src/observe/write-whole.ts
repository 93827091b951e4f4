import { writeSync } from 'node:fs';

/** How long a full pipe is left alone before it is tried again. */
const PAUSE_MS = 2;
/** A reader that takes nothing for so long is not going to. */
const PATIENCE_MS = 30_000;

/**
 * Writes all of a text to a file descriptor before it returns: a pipe takes only what its buffer has room for, or, when
 * it does not block, nothing at all. Stops without an error when the reader has left.
 */
export function writeWhole(fd: number, text: string, patienceMs: number = PATIENCE_MS): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let rest: Uint8Array = Buffer.from(text);
  let waitedMs = 0;
  while (rest.length > 0) {
    try {
      const written = writeSync(fd, rest);
      rest = rest.subarray(written);
      waitedMs = 0;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN' || waitedMs >= patienceMs) throw error;
      Atomics.wait(sleeper, 0, 0, PAUSE_MS);
      waitedMs += PAUSE_MS;
    }
  }
}
