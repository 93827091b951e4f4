import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A command that failed, with what it said. */
export class CommandError extends Error {}

/** Runs a command to its end; resolves with its output. `onLine` gets each line as it comes. */
export async function run(
  command: string,
  args: readonly string[],
  options: {
    env?: Readonly<Record<string, string>>;
    cwd?: string;
    input?: NodeJS.ReadableStream;
    timeoutMs?: number;
  } = {},
): Promise<string> {
  const { env, cwd, input, timeoutMs = 600_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      cwd,
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let output = '';
    let errors = '';
    if (input && child.stdin) input.pipe(child.stdin);
    child.stdout?.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new CommandError(`${command} ${args.slice(0, 4).join(' ')} … failed (${code}):\n${errors}${output}`));
    });
  });
}

/** A container engine that answers. */
export interface Engine {
  name: 'podman' | 'docker';
  /** What the command, and others that call it, need in their environment. */
  env: Readonly<Record<string, string>>;
  run(args: readonly string[], options?: { input?: NodeJS.ReadableStream; timeoutMs?: number }): Promise<string>;
}

/**
 * Podman or Docker, whichever answers. As root on a machine that allows no more open files or processes than its own
 * limits, Podman is told so, and to use runc where it is installed.
 */
export async function findEngine(scratchDir: string): Promise<Engine | undefined> {
  const config = join(scratchDir, 'containers.conf');
  const hasRunc = await answers('runc', ['--version']);
  await writeFile(
    config,
    `[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n${hasRunc ? '[engine]\nruntime = "runc"\n' : ''}`,
  );
  const engine = (name: Engine['name'], env: Record<string, string>): Engine => ({
    name,
    env,
    run: (args, options) => run(name, args, { env, ...options }),
  });
  if (await answers('podman', ['info'])) return engine('podman', { CONTAINERS_CONF: config });
  if (await answers('docker', ['info'])) return engine('docker', {});
  return undefined;
}

/** Whether the command runs and succeeds. */
export function answers(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args, { timeoutMs: 30_000 }).then(
    () => true,
    () => false,
  );
}
