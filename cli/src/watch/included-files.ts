import { fstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesMatching } from '../build/files-matching.ts';
import { createGitIgnore } from './git-ignore.ts';

/** `package` of serverless.yml. */
export interface Packaging {
  include: readonly string[];
  exclude: readonly string[];
}

/** Written while functions run, and not meant by a pattern that does not name them. */
const UNLESS_NAMED = /(^|\/)(logs?|data)(\/|$)|\.log$/;

/** The files that `package.include` names, without what git ignores, logs, data, and where the output of this goes. */
export async function includedFiles(projectDir: string, { include, exclude }: Packaging): Promise<string[]> {
  const excluded = [...exclude, ...include.filter((pattern) => pattern.startsWith('!'))];
  const unwanted = new Set<string>();
  for (const pattern of excluded)
    for (const path of await filesMatching(pattern.replace(/^!/, ''), projectDir)) unwanted.add(path);
  const isIgnored = createGitIgnore(projectDir);
  const wanted = new Set<string>();
  for (const pattern of include.filter((text) => !text.startsWith('!'))) {
    const skipsWritten = !UNLESS_NAMED.test(pattern);
    for (const path of await filesMatching(pattern, projectDir)) {
      const file = join(projectDir, path);
      if (unwanted.has(path) || (skipsWritten && UNLESS_NAMED.test(path))) continue;
      if (!isIgnored(file) && !isOwnOutput(file)) wanted.add(file);
    }
  }
  return [...wanted];
}

/** The folders that patterns begin in: a file that fits may come there. */
export function includedFolders(projectDir: string, { include }: Packaging): string[] {
  return include.flatMap((pattern) => {
    if (pattern.startsWith('!')) return [];
    const parts = pattern.replace(/^\.\//, '').replace(/\/$/, '').split('/');
    const wild = parts.findIndex((part) => /[*?[\]{}()!]/.test(part));
    const folder = join(projectDir, ...(wild === -1 ? parts : parts.slice(0, wild)));
    return wild === -1 ? [folder, dirname(folder)] : [folder];
  });
}

/** `bottle dev shop > shop/log` */
function isOwnOutput(file: string): boolean {
  const { ino, dev } = statSync(file);
  return [1, 2].some((fd) => {
    const own = fstatSync(fd);
    return own.ino === ino && own.dev === dev;
  });
}
