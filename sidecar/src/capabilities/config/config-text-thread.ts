// One task, one answer.
import { parentPort, workerData } from 'node:worker_threads';
import { editConfigText, editJsonText, parseConfigText } from './config-text.ts';
import type { ConfigTextAnswer, ConfigTextTask } from './config-text-worker.ts';

parentPort?.postMessage(answerTo(workerData as ConfigTextTask));

function answerTo({ parse, edit }: ConfigTextTask): ConfigTextAnswer {
  try {
    if (parse !== undefined) return { result: parseConfigText(parse) };
    const { text, key, valueJson, isJson } = edit;
    return { result: (isJson ? editJsonText : editConfigText)(text, key, valueJson) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
