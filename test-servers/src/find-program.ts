import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where systems keep servers: not always on the path of a normal user. */
const moreDirectories = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** The full path of the first of these programs that is installed; undefined when none is. */
export async function findProgram(...names: readonly string[]): Promise<string | undefined> {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...moreDirectories];
  for (const name of names) {
    for (const directory of directories) {
      const file = join(directory, name);
      if (directory !== '' && (await isExecutable(file))) return file;
    }
  }
  return undefined;
}

/** The full path of the first of these programs that is installed; throws when none is. */
export async function requireProgram(...names: readonly string[]): Promise<string> {
  const file = await findProgram(...names);
  if (file === undefined) throw new Error(`${names.join(' or ')} is not installed`);
  return file;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
