import { statSync } from 'node:fs';

/** What a file is like, as the function process says it: "modified-size-inode", empty while there is none. */
export function fileState(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs}-${stats.size}-${stats.ino}` : '';
}
