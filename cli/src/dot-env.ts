import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { CommandContext } from './command.ts';

/** Of a project, the later one wins. They stay on the machine: `bottle build` copies none of them. */
export const DOT_ENV_FILES: readonly string[] = Object.freeze(['.env', '.env.local']);

/** The surroundings with what the project's files add; what the environment says itself counts more. */
export function withDotEnv(context: CommandContext, projectDir: string): CommandContext {
  const values = DOT_ENV_FILES.map((name) => valuesOf(projectDir, name));
  return { ...context, env: { ...Object.assign({}, ...values), ...context.env } };
}

/** What is told of them: each file that is there with the names in it, never a value. */
export function dotEnvNames(projectDir: string): { file: string; names: string[] }[] {
  return DOT_ENV_FILES.flatMap((file) => {
    const names = Object.keys(valuesOf(projectDir, file));
    return names.length > 0 ? [{ file, names }] : [];
  });
}

function valuesOf(projectDir: string, name: string): Record<string, string | undefined> {
  const file = join(projectDir, name);
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
}
