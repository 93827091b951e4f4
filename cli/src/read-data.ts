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
        ? await readNamed(resolve(cwd, data.slice(1)))
        : data;
  if (content === undefined) return undefined;
  try {
    JSON.parse(content);
    return content;
  } catch (error) {
    throw new UsageError(`--data is not JSON: ${(error as Error).message}`);
  }
}

/** A file that the user has named. Throws UsageError. */
export async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${message}`);
  }
}
