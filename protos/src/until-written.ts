/** How long a log may take to be written at the end: whoever reads it may be gone, or stuck. */
const TIMEOUT_MS = 500;

/** A destination of pino's. */
interface Destination {
  flush(done: (error?: Error) => void): void;
}

/**
 * Resolves when everything that was logged is written, or cannot be: to be awaited before the process exits. (The
 * destination's own `flushSync` waits for ever when the reader has gone.)
 */
export function untilWritten(destination: Destination): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, TIMEOUT_MS);
    destination.flush(() => resolve());
  });
}
