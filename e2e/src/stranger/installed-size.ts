import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, type ShellOptions } from './shell.ts';

/** What a pod needs of a project that npm installed: packages, and bytes on disk. */
export async function installedSize(options: ShellOptions): Promise<{ packages: number; megabytes: number }> {
  const { stdout } = await run(['npm', 'ls', '--omit=dev', '--all', '--parseable'], options);
  const [, ...folders] = stdout.trim().split('\n'); // the first is the project
  const bytes = folders.map(bytesIn).reduce((sum, each) => sum + each, 0);
  return { packages: folders.length, megabytes: bytes / 1024 / 1024 };
}

/** Without packages in it, which are listed by themselves. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? bytesIn(path) : lstatSync(path).blocks * 512;
    })
    .reduce((sum, each) => sum + each, 0);
}
