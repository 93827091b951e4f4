import { fork } from 'node:child_process';
import type { LoadMessage, LoadOrder, LoadResult } from './generator.ts';

/** Runs the load generator; `onMeasuring` is called when its warm-up is over. */
export function runLoad(order: LoadOrder, onMeasuring: () => void): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./generator.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    child.on('message', (message: LoadMessage) => {
      if (message.kind === 'measuring') onMeasuring();
      else resolve(message.result);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the load generator ended early with code ${code}`)));
    child.send(order);
  });
}
