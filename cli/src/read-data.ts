import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type CommandContext, UsageError } from './command.ts';

/** The JSON text that `--data` means: itself, a file (@file) or standard input (-). Throws UsageError. */
export async function readData(data: string | undefined, { cwd }: CommandContext): Promise<string | undefined> {
  const content =
    data === '-'
      ? await text(process.stdin)
      : data?.startsWith('@')
        ? await readFile(resolve(cwd, data.slice(1)), 'utf8')
        : data;
  if (content === undefined) return undefined;
  try {
    JSON.parse(content);
    return content;
  } catch (error) {
    throw new UsageError(`--data is not JSON: ${(error as Error).message}`);
  }
}
