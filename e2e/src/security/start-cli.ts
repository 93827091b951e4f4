import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from '../harness/process.ts';
import { waitFor } from '../harness/pod.ts';

/** A pod that the CLI supervises: both processes of one user on one machine. */
export interface CliPod {
  readonly url: string;
  readonly adminUrl: string;
  /** Everything that was written, line by line. */
  readonly lines: string[];
  end(): Promise<void>;
}

/** `bottle <command> <project>` on free ports; resolves when it is ready. */
export async function startCli(
  command: 'start' | 'dev',
  project: string,
  { args = [], env }: { args?: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<CliPod> {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0'];
  const child: ChildProcess = spawn(
    process.execPath,
    [join(ROOT, 'cli/bin/bottle.js'), command, project, ...ports, ...args],
    {
      env: { ...process.env, BOTTLE_DRAIN_PROPAGATION_MS: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = once(child, 'close');
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    const isThere = (): boolean => child.exitCode === null;
    const portsOf = (): { port: number; adminPort: number } | undefined => {
      const started = lines.find((line) => line.includes('sidecar listens'));
      const ready = lines.map((line) => /on http:\/\/localhost:(\d+) \(admin: http:\/\/localhost:(\d+)\)/.exec(line));
      const found = ready.find((match) => match !== null);
      if (started?.startsWith('{')) return JSON.parse(started) as { port: number; adminPort: number };
      return found ? { port: Number(found[1]), adminPort: Number(found[2]) } : undefined;
    };
    await waitFor(() => !isThere() || portsOf() !== undefined, 30_000);
    const { port, adminPort } = portsOf() ?? { port: 0, adminPort: 0 };
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    await waitFor(async () => !isThere() || (await fetch(`${adminUrl}/readyz`)).ok, 30_000);
    if (!isThere()) throw new Error('it ended');
    return { url: `http://127.0.0.1:${port}`, adminUrl, lines, end };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`bottle ${command} did not start:\n${lines.join('\n')}`, { cause: error });
  }
}
