import { fork } from 'node:child_process';
import type { LoadOrder, LoadResult } from './load-messages.ts';

/** Sends a load from a process of its own. */
export function runLoad(order: LoadOrder): Promise<LoadResult> {
  return runGenerator(new URL('./generator.ts', import.meta.url), order);
}

/** Starts a generator that takes one order, and answers with one result. */
export function runGenerator<Result>(file: URL, order: object): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(file, { execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=source'] });
    child.on('message', (result) => resolve(result as Result));
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the load generator ended early with code ${code}`)));
    child.send(order);
  });
}
