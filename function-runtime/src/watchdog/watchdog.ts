import { Worker } from 'node:worker_threads';

export interface WatchdogOptions {
  /** The event loop counts as blocked after this, in milliseconds. */
  blockedMs: number;
}

/** How often the event loop shows that it is alive, in milliseconds. */
const BEAT_MS = 250;

/**
 * Watches this thread's event loop from another one. When it has not turned for `blockedMs`, the other thread logs
 * where it hangs, as far as the engine can tell, and kills the process, so that whoever supervises it starts it again.
 */
export function startWatchdog({ blockedMs }: WatchdogOptions): () => void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const timer = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS);
  timer.unref();
  const entry = import.meta.url.endsWith('.ts') ? './watchdog-thread.ts' : './watchdog-thread.js';
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: { beats, blockedMs, beatMs: BEAT_MS } });
  worker.unref();
  return () => {
    clearInterval(timer);
    void worker.terminate();
  };
}
