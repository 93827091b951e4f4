import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** The environment in which another process of Node.js keeps its compiled code where this one does: see bin/bottle.js. */
export function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir(); // this version's, in that of all
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
