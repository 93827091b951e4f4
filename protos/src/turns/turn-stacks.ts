import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** How often the event loop shows that it turns, in milliseconds. */
const BEAT_MS = 20;

export interface TurnStacksOptions {
  /** A turn is too long from here on, in milliseconds. */
  longMs: number;
  log: { warn(fields: object, message: string): void };
  /** Only turns in which code of this directory runs, packages aside. Unless given: all. */
  codeIn?: string;
}

/**
 * For development: a thread that looks where the event loop stands when a turn takes long, by the inspector, and a WARN line
 * of the log that names the place. Returns what ends it.
 */
export function watchTurns({ longMs, log, codeIn }: TurnStacksOptions): () => void {
  const isMeant = (stack: readonly string[]): boolean => {
    if (codeIn === undefined) return true;
    const place = `(${pathToFileURL(join(realpathSync(codeIn), '/')).href}`;
    return stack.some((frame) => frame.includes(place) && !frame.includes('/node_modules/'));
  };
  const beats = new Int32Array(new SharedArrayBuffer(4));
  let lastBeat = { at: performance.now(), cpu: process.threadCpuUsage() };
  let long: { tookMs: number; cpuMs: number } | undefined;
  const timer = setInterval(() => {
    const beat = { at: performance.now(), cpu: process.threadCpuUsage() };
    const tookMs = Math.round(beat.at - lastBeat.at);
    const cpuUs = beat.cpu.user + beat.cpu.system - lastBeat.cpu.user - lastBeat.cpu.system;
    if (tookMs >= longMs) long = { tookMs, cpuMs: cpuUs / 1_000 };
    lastBeat = beat;
    Atomics.add(beats, 0, 1);
  }, BEAT_MS).unref();
  const tell = (stack: readonly string[]): void => {
    const turn = long;
    long = undefined;
    // A thread that waited for a processor has done nothing that could be named.
    if (!turn || turn.cpuMs < longMs || !isMeant(stack)) return;
    const { tookMs } = turn;
    log.warn(
      { tookMs, stack: stack.length > 0 ? stack : 'not available' },
      `a turn of the event loop took ${tookMs} ms`,
    );
  };
  const entry = import.meta.url.endsWith('.ts') ? './turn-stacks-thread.ts' : './turn-stacks-thread.js';
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: { beats, longMs } });
  worker.unref();
  worker.on('error', () => clearInterval(timer)); // nobody depends on it
  // The beat that measures the turn comes about now.
  worker.on('message', (stack: readonly string[]) => setTimeout(tell, 2 * BEAT_MS, stack).unref());
  return () => {
    clearInterval(timer);
    void worker.terminate();
  };
}
