import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, type CommandContext, parse } from '../command.ts';
import { type CheckedFunction, functionTable } from '../function-table.ts';
import { withDotEnv } from '../dot-env.ts';
import { functionEnvironment } from '../function-environment.ts';
import { operatorFiles } from '../function-process.ts';
import { projectDirOf } from '../pod-arguments.ts';
import { runtimeProgram, sidecarProgram } from '../programs.ts';

interface CheckReport {
  service: string;
  warnings: string[];
  functions: CheckedFunction[];
}

/** `bottle check`: says what is wrong with a project before it runs. */
export const check: Command = {
  summary: 'validates the files, loads the code, prints the function table',
  usage: `Usage: bottle check [dir] [--config FILE] [--json]

Validates serverless.yml and sidecar.yml, loads every function and prints the function table.
Exit codes: 0 fine, 70 a function does not load, 78 a file is wrong (every problem is listed, with its line).
`,
  async run(args, surroundings) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, config: { type: 'string' } },
    });
    const projectDir = projectDirOf(positionals, surroundings);
    const context = withDotEnv(surroundings, projectDir);
    const beside = join(projectDir, 'sidecar.yml');
    const configFile = values.config ?? (existsSync(beside) ? beside : undefined);
    const config = configFile === undefined ? [] : ['--config', configFile];
    const env = functionEnvironment(context.env, operatorFiles({ projectDir, configFile, context }));
    const loaded = run([...runtimeProgram().nodeArgs, projectDir, '--check', '--log-level', 'silent'], { env });
    const report = loaded.stdout === '' ? undefined : (JSON.parse(loaded.stdout) as CheckReport);
    const settings = run([...sidecarProgram().nodeArgs, '--check', '--uses', ...config], {
      env: context.env,
      input: JSON.stringify((report?.functions ?? []).map(({ name, uses = [] }) => ({ name, uses }))),
    });
    if (!report) return loaded.code;
    if (settings.code === 0) report.warnings.push(...(JSON.parse(settings.stdout) as string[]));
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : describe(report, settings.code === 0));
    return settings.code === 0 ? loaded.code : settings.code;
  },
};

function run(
  nodeArgs: readonly string[],
  given: { env: CommandContext['env']; input?: string },
): { code: number; stdout: string } {
  const options = {
    stdio: [given.input === undefined ? 'ignore' : 'pipe', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    ...given,
  } satisfies SpawnSyncOptions;
  const result = spawnSync(process.execPath, nodeArgs, options);
  return { code: result.status ?? 70, stdout: result.stdout ?? '' };
}

function describe({ service, warnings, functions }: CheckReport, areSettingsFine: boolean): string {
  const failed = functions.filter(({ state }) => state !== 'ready');
  const lines = [
    `${service}: ${functions.length} ${functions.length === 1 ? 'function' : 'functions'}`,
    '',
    functionTable(functions),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...failed.map(({ name, reason }) => `error: ${name} does not load: ${reason}`),
    failed.length > 0 ? `${failed.length} of ${functions.length} functions do not load` : closingLine(areSettingsFine),
  ];
  return `${lines.join('\n')}\n`;
}

/** For functions that all load. */
function closingLine(areSettingsFine: boolean): string {
  return areSettingsFine ? 'ok' : 'the functions load; the settings of the sidecar are wrong, see above';
}
