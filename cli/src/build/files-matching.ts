import { existsSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** Never meant by a pattern that does not name them. */
const UNLESS_NAMED = ['node_modules', '.git', '.bottle', '.env', 'sidecar.yml'];

/** Files of a project by a path, a folder or a glob, as `package.include` of serverless.yml means them; with "/". */
export async function filesMatching(pattern: string, projectDir: string): Promise<string[]> {
  const plain = pattern.replace(/^\.\//, '').replace(/\/$/, '');
  const isFolder = existsSync(join(projectDir, plain)) && statSync(join(projectDir, plain)).isDirectory();
  const skipped = UNLESS_NAMED.filter((name) => !plain.includes(name));
  const found: string[] = [];
  for await (const path of glob(isFolder ? `${plain}/**` : plain, { cwd: projectDir })) {
    const parts = path.split(sep);
    const isSkipped = parts.some((part) => skipped.some((name) => part === name || part.startsWith(`${name}.`)));
    if (!isSkipped && isFile(join(projectDir, path))) found.push(parts.join('/'));
  }
  return found;
}

/** It may have gone since it was found. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
