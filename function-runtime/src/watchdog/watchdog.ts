import { Worker } from 'node:worker_threads';

export interface WatchdogOptions {
  /** The event loop counts as blocked after this, in milliseconds. */
  blockedMs: number;
}

/** How often the event loop shows that it is alive, in milliseconds. */
const BEAT_MS = 250;

/**
 * Makes the thread that watches this one's event loop; it looks from `start` on. When the loop has not turned for
 * `blockedMs`, that thread logs where it hangs, as far as the engine can tell, and kills the process, so that whoever
 * supervises it starts it again.
 */
export function createWatchdog({ blockedMs }: WatchdogOptions): { start(): void } {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const entry = import.meta.url.endsWith('.ts') ? './watchdog-thread.ts' : './watchdog-thread.js';
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: { beats, blockedMs, beatMs: BEAT_MS } });
  worker.unref();
  return {
    start() {
      Atomics.add(beats, 0, 1);
      setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS).unref();
    },
  };
}
