import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type CommandContext, UsageError } from './command.ts';

/** The JSON text that `--data` means: itself, a file (@file) or standard input (-). Throws UsageError. */
export async function readData(data: string | undefined, context: CommandContext): Promise<string | undefined> {
  const content = (await readContent(data, context))?.toString();
  if (content === undefined) return undefined;
  try {
    JSON.parse(content);
    return content;
  } catch (error) {
    throw new UsageError(`--data is not JSON: ${(error as Error).message}`);
  }
}

/** The bytes that `--data` means, whatever they are. Throws UsageError. */
export async function readContent(data: string | undefined, { cwd }: CommandContext): Promise<Buffer | undefined> {
  if (data === undefined) return undefined;
  if (data === '-') return await buffer(process.stdin);
  return data.startsWith('@') ? await readBytes(resolve(cwd, data.slice(1))) : Buffer.from(data);
}

/** A file that the user has named. Throws UsageError. */
export async function readNamed(file: string): Promise<string> {
  return (await readBytes(file)).toString();
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${message}`);
  }
}
