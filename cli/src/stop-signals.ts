import type { Pod } from './pod.ts';
import { watchStarters } from './starters.ts';

/** Two signals within this time are one: a package manager hands on what the terminal has sent to all. */
const SAME_MS = 100;

/**
 * The first Ctrl-C or SIGTERM stops the pod in order, and so do a terminal that is closed and the end of whoever started the
 * command; a second Ctrl-C or SIGTERM kills it.
 */
export function stopOnSignals(pod: Pod, onStopping: (why: string) => void): void {
  let askedAt: number | undefined;
  const stop = (why: string): void => {
    if (askedAt !== undefined) return;
    askedAt = performance.now();
    onStopping(why);
    void pod.stop();
  };
  const onSignal = (signal: string): void => {
    if (askedAt !== undefined && performance.now() - askedAt > SAME_MS) void pod.kill();
    else stop(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // Whose output goes elsewhere, as under nohup, has no need of a terminal. Node.js does not tell whether it was ignored before.
  process.on('SIGHUP', () => {
    if (process.stdout.isTTY || process.stderr.isTTY) stop('SIGHUP');
  });
  watchStarters(() => stop('who started it has ended'));
}
