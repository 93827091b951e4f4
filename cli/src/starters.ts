// Who started the command, where that was a package manager or a runner of scripts: `npx bottle start` shall not outlive npx,
// which may be killed, or end without handing a signal on. Above the outermost of them nothing is watched, so that
// `nohup npm start &` goes on when its shell has gone.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** By the name of a program: "npm exec bottle", "node /usr/bin/yarn.js run start", "node …/yarn-4.1.0.cjs". */
const STARTER =
  /(?:^|[\s/\\])(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|bun|bunx|concurrently)(?:-cli)?(?:-[\d.]+)?(?:\.[cm]?js)?(?:\s|$)/;
/** From this process up: the command's own Node.js, a shell, npm, a shell, concurrently … */
const MAX_LEVELS = 8;
const WATCH_MS = 500;

interface Ancestor {
  pid: number;
  parent: number;
  command: string;
  /** By the system's own clock: the number may be another process's later on. */
  since?: string | undefined;
}

/** Fields of /proc/<pid>/stat, counted from the one after the name in parentheses: proc(5). */
const STATE = 0;
const PARENT = 1;
const START_TIME = 19;

/** Calls `onGone`, once, when one of those who started this process is gone. Does not keep the process alive. */
export function watchStarters(onGone: () => void): void {
  const starters = startersOf(process.pid, process.platform === 'linux' ? fromProc : fromPs);
  if (starters.length === 0) return;
  const timer = setInterval(() => {
    if (starters.every(isThere)) return;
    clearInterval(timer);
    onGone();
  }, WATCH_MS);
  timer.unref();
}

/** The ancestors up to the outermost that starts things, nearest first; none where there is no such one. */
export function startersOf(pid: number, look: (pid: number) => Ancestor | undefined): Ancestor[] {
  const chain: Ancestor[] = [];
  let next = look(pid)?.parent ?? 0;
  while (next > 1 && chain.length < MAX_LEVELS) {
    const ancestor = look(next);
    if (!ancestor) break;
    chain.push(ancestor);
    next = ancestor.parent;
  }
  return chain.slice(0, chain.findLastIndex(({ command }) => STARTER.test(command)) + 1);
}

function isThere({ pid, since }: Ancestor): boolean {
  if (process.platform === 'linux') return fromProc(pid)?.since === since;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fromProc(pid: number): Ancestor | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[STATE] === 'Z') return undefined; // it has ended, and its parent has not looked yet
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd();
    return { pid, parent: Number(fields[PARENT]), command, since: fields[START_TIME] };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): Ancestor | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
  return parent === undefined ? undefined : { pid, parent: Number(parent), command };
}
