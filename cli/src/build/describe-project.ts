import { spawnSync } from 'node:child_process';
import type { ProjectNeeds } from '../check-needs.ts';
import type { CommandContext } from '../command.ts';
import { runtimeProgram } from '../programs.ts';

/** Code of a project: where it is, or why there is none. */
type Located = { code: string; problem?: undefined } | { code?: undefined; problem: string };

/** What `bottle build` needs of a serverless.yml, as the runtime understands it. */
export interface ProjectDescription extends ProjectNeeds {
  service: string;
  /** "serverless.yml" */
  file: string;
  /** Files that it takes values from, relative to the project. */
  includes: string[];
  warnings: string[];
  functions: ({ name: string; handler: string; rpc: { proto: string }[] } & Located)[];
  layers: ({ name: string; path: string } & Located)[];
  packaging: {
    include: string[];
    exclude: string[];
    external: string[];
    budget: string | number | null;
    minify: boolean;
  };
}

/**
 * Has the runtime read a project's serverless.yml, as `bottle check` does. What is wrong with it goes to standard error;
 * then the exit code is returned.
 */
export function describeProject(projectDir: string, env: CommandContext['env']): ProjectDescription | number {
  const { status, stdout } = spawnSync(process.execPath, [...runtimeProgram().nodeArgs, projectDir, '--manifest'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  return status === 0 ? (JSON.parse(stdout) as ProjectDescription) : (status ?? 70);
}
