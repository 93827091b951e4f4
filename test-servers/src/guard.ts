import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Waits until the other end of its standard input is gone, which the system closes however the process that holds it
 * ends; then ends the process that the pid file names, and removes the directory.
 */
const script = `
cat >/dev/null
[ -d "$1" ] || exit 0
sleep 0.2
pid=$(cat "$1/pid" 2>/dev/null) && kill -9 "$pid" && sleep 0.3
rm -rf "$1"
`;

/** Keeps a directory, and the process whose id stands in its file `pid`, from outliving this process. */
export interface Guard {
  /** Removes the directory; the process must have ended. */
  release(): Promise<void>;
}

/** The file in a guarded directory for the id of the process to end. */
export function pidFileIn(directory: string): string {
  return join(directory, 'pid');
}

/** Starts a guard for a directory. It also holds when this process is ended by SIGKILL. */
export function startGuard(directory: string): Guard {
  // Detached: Ctrl-C in a terminal goes to the whole process group, and must not end the guard.
  const guard = spawn('/bin/sh', ['-c', script, 'sh', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  unref(guard);
  return {
    async release() {
      await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      if (guard.exitCode !== null || guard.signalCode !== null) return;
      guard.ref();
      const exited = once(guard, 'exit');
      guard.stdin.end();
      await exited;
    },
  };
}

/** A server that nobody stopped must not keep this process alive; the guard ends it. */
function unref(guard: ChildProcess): void {
  guard.unref();
  // The pipe of a child process is a socket, which the types do not say.
  (guard.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null)?.unref?.();
}
