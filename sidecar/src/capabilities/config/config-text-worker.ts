import { Worker } from 'node:worker_threads';
import type { ConfigValues } from './config-text.ts';

export interface ConfigTextEdit {
  text: string;
  key: string;
  /** Undefined removes. */
  valueJson: string | undefined;
  isJson: boolean;
}

/** What the thread does: one of the two. */
export type ConfigTextTask = { parse: string; edit?: undefined } | { edit: ConfigTextEdit; parse?: undefined };

export type ConfigTextAnswer = { error: string } | { result: ConfigValues | string };

/** Parses or edits a long text in a thread of its own. Rejects with the parser's error. */
export function configTextInThread(task: { parse: string }): Promise<ConfigValues>;
export function configTextInThread(task: { edit: ConfigTextEdit }): Promise<string>;
export function configTextInThread(task: ConfigTextTask): Promise<ConfigValues | string> {
  const entry = import.meta.url.endsWith('.ts') ? './config-text-thread.ts' : './config-text-thread.js';
  const execArgv = import.meta.url.endsWith('.ts') ? ['--conditions=source'] : [];
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(entry, import.meta.url), { workerData: task, execArgv });
    worker.once('message', (answer: ConfigTextAnswer) => {
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.result);
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended')));
  });
}
