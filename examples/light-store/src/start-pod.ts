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
    const { port, adminPort } = await portsOf(child);
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    await untilReady(adminUrl, AbortSignal.timeout(START_TIMEOUT_MS));
    return { url: `http://127.0.0.1:${port}`, adminUrl, stop: () => stop(child) };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Reads them off the sidecar's log. */
async function portsOf(child: ChildProcess): Promise<{ port: number; adminPort: number }> {
  if (!child.stdout) throw new Error('the pod has no output');
  const lines = createInterface({ input: child.stdout });
  const found = Promise.withResolvers<{ port: number; adminPort: number }>();
  const seen: string[] = [];
  lines.on('line', (line) => {
    seen.push(line);
    if (line.includes('"sidecar listens"')) found.resolve(JSON.parse(line) as { port: number; adminPort: number });
  });
  lines.once('close', () => found.reject(new Error(`the pod did not start:\n${seen.join('\n')}`)));
  return await found.promise;
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
