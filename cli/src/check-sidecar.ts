import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { compileCache } from './compile-cache.ts';
import { sidecarProgram } from './programs.ts';

/** What is wrong with the sidecar's settings, in its own words; undefined when it would start with them. */
export async function sidecarProblems(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const check = spawn(process.execPath, [...sidecarProgram().nodeArgs, ...args, '--check'], {
    env: { ...compileCache(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(check.stderr), once(check, 'close')]);
  return code === 0 ? undefined : said.trimEnd();
}
