import { execFile } from 'node:child_process';

/** Runs a program to its end; throws with the end of what it printed when it fails or takes too long. */
export function runProgram(program: string, args: readonly string[], timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  execFile(program, args, { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
    if (error === null) return resolve();
    const reason = error.killed ? `took longer than ${timeoutMs / 1000} s` : `failed with ${error.code}`;
    const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-10);
    reject(new Error(`${program} ${reason}\n${lines.map((line) => `    ${line}`).join('\n')}`));
  });
  return promise;
}
