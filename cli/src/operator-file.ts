import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandContext } from './command.ts';

/** The operator's file of a project: the one that is named, by the flag or BOTTLE_CONFIG, or the one beside it. */
export function operatorFile(
  flag: string | undefined,
  projectDir: string,
  { env, cwd }: CommandContext,
): string | undefined {
  const named = flag ?? env['BOTTLE_CONFIG'];
  if (named) return resolve(cwd, named);
  const beside = join(projectDir, 'sidecar.yml');
  return existsSync(beside) ? beside : undefined;
}

/** For the sidecar's program. It looks in its own directory otherwise: an empty name is no file. */
export function configArgs(file: string | undefined): string[] {
  return ['--config', file ?? ''];
}
