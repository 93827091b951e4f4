import type { ProjectNeeds } from './check-needs.ts';
import { Child, describeExit, type LogLine, parseLine, REPORT_FD } from './child.ts';
import type { CommandContext } from './command.ts';
import type { CheckedFunction } from './function-table.ts';
import { LoadErrors } from './load-errors/load-errors.ts';
import { runtimeProgram } from './programs.ts';
import type { LoadedFiles } from './runtime-process.ts';

/** A project whose code has been loaded, or was tried to. */
export interface CheckedProject extends ProjectNeeds {
  service: string;
  warnings: readonly string[];
  functions: CheckedFunction[];
}

export interface ProjectCheck {
  /** 0, 70 when a function does not load, 78 when serverless.yml is wrong, which has been said on standard error. */
  code: number;
  /** Undefined when there is no knowing what the functions are. */
  project: CheckedProject | undefined;
  /** Why code does not load, each error once, with its place and the lines around it. */
  errors: readonly string[];
}

const LOAD_FAILED = 70;

/** Has the function container's program load all of a project, without any sidecar. */
export async function checkProject(projectDir: string, env: CommandContext['env']): Promise<ProjectCheck> {
  const files: string[] = [];
  const logged: LogLine[] = [];
  let project: CheckedProject | undefined;
  const check = new Child({
    program: runtimeProgram(),
    args: [projectDir, '--check', '--log-level', 'error', '--report-fd', String(REPORT_FD)],
    env,
    onLine({ fields }) {
      if (fields) project = fields as unknown as CheckedProject;
    },
    onErrorLine(text) {
      const line = parseLine(text);
      if (line.fields) logged.push(line);
      else process.stderr.write(`${text}\n`);
    },
    onReport(report) {
      if (report['event'] !== 'files') return;
      for (const [path] of (report as unknown as LoadedFiles).files) files.push(path);
    },
  });
  const exit = await check.exited;
  const unchecked = new Set(project?.functions.filter(({ state }) => state === 'unchecked').map(({ name }) => name));
  const errors: string[] = [];
  const loadErrors = new LoadErrors({ projectDir, files: () => files, print: (text) => errors.push(text) });
  for (const line of logged) if (!unchecked.has(String(line.fields?.['function']))) loadErrors.take(line);
  await loadErrors.printed();
  if (project || (exit.code ?? 0) !== 0) return { code: exit.code ?? LOAD_FAILED, project, errors };
  errors.push(`the code ended its process as it was loaded (${describeExit(exit)}): it would end the pod's, too`);
  return { code: LOAD_FAILED, project, errors };
}
