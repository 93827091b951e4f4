import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** Says of a file below `directory` whether git would ignore it, by the .gitignore files of its working tree. */
export function createGitIgnore(directory: string): (path: string) => boolean {
  const root = workingTree(directory);
  const rules = new Map<string, Ignore | undefined>();
  const rulesIn = (folder: string): Ignore | undefined => {
    if (!rules.has(folder)) rules.set(folder, readRules(folder));
    return rules.get(folder);
  };
  return (path) => {
    let ignored = false;
    for (const folder of folders(root, path)) {
      const result = rulesIn(folder)?.test(relative(folder, path).split(sep).join('/'));
      if (result?.ignored) ignored = true;
      if (result?.unignored) ignored = false;
    }
    return ignored;
  };
}

function readRules(folder: string): Ignore | undefined {
  const file = join(folder, '.gitignore');
  return existsSync(file) ? ignore().add(readFileSync(file, 'utf8')) : undefined;
}

/** The directory with .git, or the given one where there is none. */
function workingTree(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return directory;
  }
}

/** From the root down to the folder that a file is in. */
function folders(root: string, path: string): string[] {
  const parent = dirname(path);
  return parent === root || parent === dirname(parent) ? [parent] : [...folders(root, parent), parent];
}
