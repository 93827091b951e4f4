import { fork } from 'node:child_process';
import type { LoadOrder, LoadResult } from './load-messages.ts';

/** Sends a load from a process of its own. */
export function runLoad(order: LoadOrder): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./generator.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    child.on('message', (result) => resolve(result as LoadResult));
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the load generator ended early with code ${code}`)));
    child.send(order);
  });
}
