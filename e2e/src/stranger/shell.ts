// Commands as somebody runs them who has never seen this repository: with what the machine itself has on its path.
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { ROOT } from '../harness/process.ts';

/** Longest that any one command may take; installing over a slow network is the slowest. */
const TIMEOUT_MS = 300_000;
/** What fetches packages takes seconds; a registry that does not answer is asked again. */
const FETCH_TIMEOUT_MS = 90_000;
const FETCH_TRIES = 3;
/** What npm tells its scripts, and what is set for this repository's tests. */
const OURS = /^(npm_|pnpm_|yarn_|berry_|bottle_|vitest|node_options$|node_env$|init_cwd$|project_cwd$)/i;

export type Environment = Record<string, string>;

export interface Outcome {
  code: number | null;
  /** Standard output. */
  stdout: string;
  /** Both streams, as they came. */
  output: string;
}

export interface ShellOptions {
  cwd: string;
  env: Environment;
}

/** The environment without anything of this repository. */
export function strangersEnvironment(): Environment {
  const own = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  const env = Object.fromEntries(own.map(([name, value]) => [name, value ?? '']));
  const path = (env['PATH'] ?? '').split(delimiter);
  const outside = path.filter((folder) => !folder.startsWith(ROOT) && !folder.endsWith('node_modules/.bin'));
  return { ...env, PATH: outside.filter((folder) => !folder.includes('node-gyp-bin')).join(delimiter) };
}

/** Runs a command to its end, whatever that is. */
export async function attempt(
  command: readonly string[],
  { cwd, env }: ShellOptions,
  timeoutMs = TIMEOUT_MS,
): Promise<Outcome> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve).once('error', reject);
  });
  return { code, stdout, output };
}

/** Runs a command that fetches packages and has to succeed: again when it does not come to its end in time. */
export async function fetched(command: readonly string[], options: ShellOptions): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(command, options, FETCH_TIMEOUT_MS);
    if (outcome.code === 0) return outcome;
    if (outcome.code !== null || tries === FETCH_TRIES)
      throw new Error(`${command.join(' ')} ended with ${outcome.code}:\n${outcome.output.slice(-4_000)}`);
    process.stdout.write(
      `         again: not within ${FETCH_TIMEOUT_MS / 1_000} s: ${command.slice(0, 2).join(' ')}\n`,
    );
  }
}

/** Runs a command that has to succeed. */
export async function run(command: readonly string[], options: ShellOptions): Promise<Outcome> {
  const outcome = await attempt(command, options);
  if (outcome.code === 0) return outcome;
  throw new Error(`${command.join(' ')} ended with ${outcome.code}:\n${outcome.output.slice(-4_000)}`);
}
