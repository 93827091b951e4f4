import { Worker } from 'node:worker_threads';

export interface WatchdogOptions {
  /** The event loop counts as blocked after this, in milliseconds. */
  blockedMs: number;
}

/** How often the event loop shows that it is alive, in milliseconds. */
const BEAT_MS = 250;

/** The watching of this thread's event loop. */
export interface Watchdog {
  /** It looks from now on. */
  start(): void;
  /** The event loop is alive although it may not turn for long: an invocation has begun, or ended. */
  beat(): void;
}

/**
 * Makes the thread that watches this one's event loop. When the loop has neither turned nor begun or ended an invocation for
 * `blockedMs`, that thread logs where it hangs, as far as the engine can tell, and kills the process, so that whoever
 * supervises it starts it again. Many short invocations in a row are no reason.
 */
export function createWatchdog({ blockedMs }: WatchdogOptions): Watchdog {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const entry = import.meta.url.endsWith('.ts') ? './watchdog-thread.ts' : './watchdog-thread.js';
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: { beats, blockedMs, beatMs: BEAT_MS } });
  worker.unref();
  let isWatching = false;
  const beat = (): void => {
    if (isWatching) Atomics.add(beats, 0, 1);
  };
  return {
    start() {
      isWatching = true;
      beat();
      setInterval(beat, BEAT_MS).unref();
    },
    beat,
  };
}
