import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { OUTPUT_MARK } from './build/output-manifest.ts';

/**
 * Where the embedded drivers of a project keep their files, unless `dataDir` says otherwise: `.bottle/data` in its directory.
 * An output of `bottle build` is replaced by the next one, so nothing is kept in it: those of a project's own `.bottle/build`
 * are the project's, another output's are beside it, in `<output>.data`.
 */
export function dataDirectoryOf(projectDir: string): string {
  const directory = resolve(projectDir);
  if (!isOutput(directory)) return join(directory, '.bottle/data');
  return basename(dirname(directory)) === '.bottle' ? join(dirname(directory), 'data') : `${directory}.data`;
}

/** Whether a directory is what `bottle build` makes. */
export function isOutput(directory: string): boolean {
  const manifest = join(directory, 'serverless.yml');
  const isFile = statSync(manifest, { throwIfNoEntry: false })?.isFile() === true;
  return isFile && readFileSync(manifest, 'utf8').startsWith(OUTPUT_MARK);
}
