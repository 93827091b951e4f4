// For the end-to-end test: a pod as `bottle start` runs it, on ports of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../../cli/bin/bottle.js', import.meta.url));
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;

/** A pod that serves. */
export interface Pod {
  /** "http://127.0.0.1:40001" */
  url: string;
  adminUrl: string;
  /** Resolves when a line of its log, past or future, has all of these texts. */
  logged(...texts: string[]): Promise<void>;
  /** Asks the pod to go; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface PodOptions {
  env: Readonly<Record<string, string>>;
  /** The operator's file, relative to the project. @default none: embedded drivers */
  config?: string;
}

/** Starts the example in two processes of its own; resolves when it is ready. */
export async function startPod({ env, config }: PodOptions): Promise<Pod> {
  const args = [CLI, 'start', PROJECT, '--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--rpc-port', '0'];
  if (config !== undefined) args.push('--config', join(PROJECT, config));
  const child = spawn(process.execPath, args, {
    env: { ...process.env, BOTTLE_DRAIN_PROPAGATION_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const log = readLog(child);
    const line = await log.find('"sidecar listens"');
    const { port, adminPort } = JSON.parse(line) as { port: number; adminPort: number };
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    await untilReady(adminUrl, AbortSignal.timeout(START_TIMEOUT_MS));
    return {
      url: `http://127.0.0.1:${port}`,
      adminUrl,
      logged: async (...texts) => void (await log.find(...texts)),
      stop: () => stop(child),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Lines of both processes. */
function readLog(child: ChildProcess): { find(...texts: string[]): Promise<string> } {
  if (!child.stdout) throw new Error('the pod has no output');
  const seen: string[] = [];
  const changed = new EventTarget();
  const lines = createInterface({ input: child.stdout });
  let isOver = false;
  lines.on('line', (line) => {
    seen.push(line);
    changed.dispatchEvent(new Event('change'));
  });
  lines.once('close', () => {
    isOver = true;
    changed.dispatchEvent(new Event('change'));
  });
  return {
    async find(...texts) {
      for (;;) {
        const found = seen.find((line) => texts.every((text) => line.includes(text)));
        if (found !== undefined) return found;
        if (isOver) throw new Error(`the pod ended without logging ${texts.join(' ')}:\n${seen.join('\n')}`);
        await once(changed, 'change');
      }
    },
  };
}

async function untilReady(adminUrl: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${adminUrl}/readyz`, { signal });
    await response.arrayBuffer();
    if (response.ok) return;
    await delay(20, undefined, { signal });
  }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
  child.kill('SIGTERM');
  await exited;
  return child.exitCode;
}
