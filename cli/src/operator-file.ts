import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { CommandContext } from './command.ts';
import { isOutput } from './data-directory.ts';

/**
 * The operator's file of a project: the one that is named, by the flag or BOTTLE_CONFIG, or the one beside it. An output of
 * `bottle build` has none in it: then that of the project whose `.bottle/build` it is, or the one here.
 */
export function operatorFile(
  flag: string | undefined,
  projectDir: string,
  { env, cwd }: CommandContext,
): string | undefined {
  const named = flag ?? env['BOTTLE_CONFIG'];
  if (named) return resolve(cwd, named);
  return [projectDir, ...homesOf(resolve(projectDir), cwd)]
    .map((directory) => join(directory, 'sidecar.yml'))
    .find((file) => existsSync(file));
}

function homesOf(directory: string, cwd: string): string[] {
  if (!isOutput(directory)) return [];
  return basename(dirname(directory)) === '.bottle' ? [dirname(dirname(directory))] : [cwd];
}

/** For the sidecar's program. It looks in its own directory otherwise: an empty name is no file. */
export function configArgs(file: string | undefined): string[] {
  return ['--config', file ?? ''];
}
