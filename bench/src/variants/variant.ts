import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@bottle/test-servers';
import type { Processes } from './processes.ts';

/** A running variant. */
export interface Running {
  port: number;
  /** All its processes; the sidecar first where there is one. */
  pids: number[];
  stop(): Promise<void>;
}

export type Variant = (processes: Processes, extraArgs?: readonly string[]) => Promise<Running>;

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What `bottle start` gives its processes. */
const flagsOf = (name: 'sidecar' | 'function-runtime'): string[] =>
  (JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8')) as { nodeFlags: string[] }).nodeFlags;

/** The two processes of the platform, as `bottle start` runs them: default settings, access log to a file. */
export function pod(projectDir: string, sidecarArgs: readonly string[] = []): Variant {
  return async (processes) => {
    const directory = processes.directory();
    const port = await findFreePort();
    const started = [
      processes.start(
        [
          ...flagsOf('sidecar'),
          '--conditions=source',
          join(ROOT, 'sidecar/src/main.ts'),
          '--port',
          String(port),
          '--admin-port',
          '0',
          '--socket-dir',
          directory,
          '--data-dir',
          directory,
          ...sidecarArgs,
        ],
        join(directory, 'sidecar.log'),
      ),
      processes.start(
        [
          ...flagsOf('function-runtime'),
          '--conditions=source',
          join(ROOT, 'function-runtime/src/main.ts'),
          projectDir,
          '--socket-dir',
          directory,
        ],
        join(directory, 'runtime.log'),
      ),
    ];
    return { port, pids: started.map(({ pid }) => pid ?? 0), stop: () => processes.stop(started) };
  };
}

/** Programs of this folder: a plain server, or a proxy in front of one. */
export function program(
  ...names: readonly (
    | 'direct-server'
    | 'proxied-server'
    | 'reverse-proxy'
    | 'direct-client'
    | 'direct-rpc-server'
    | 'kafkajs-consumer'
  )[]
): Variant {
  return async (processes, extraArgs = []) => {
    const directory = processes.directory();
    const port = await findFreePort();
    const started = names.map((name) =>
      processes.start(
        [
          '--disable-warning=ExperimentalWarning',
          '--conditions=source',
          fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
          String(port),
          join(directory, 'up.sock'),
          ...extraArgs,
        ],
        join(directory, `${name}.log`),
      ),
    );
    return { port, pids: started.map(({ pid }) => pid ?? 0), stop: () => processes.stop(started) };
  };
}

/** Asks until the answer is 200. */
export async function untilServing(port: number, path: string, init: RequestInit = {}): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    if (performance.now() > deadline) throw new Error(`port ${port} does not serve ${path}`);
    await delay(2);
  }
}
