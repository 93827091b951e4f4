import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, type CommandContext, parse } from '../command.ts';
import { type CheckedFunction, functionTable } from '../function-table.ts';
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
  async run(args, context) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, config: { type: 'string' } },
    });
    const projectDir = projectDirOf(positionals, context);
    const beside = join(projectDir, 'sidecar.yml');
    const configFile = values.config ?? (existsSync(beside) ? beside : undefined);
    const settings = configFile
      ? run([...sidecarProgram().nodeArgs, '--check', '--config', configFile], context.env, 'ignore')
      : undefined;
    const env = functionEnvironment(context.env, operatorFiles({ projectDir, configFile, context }));
    const loaded = run([...runtimeProgram().nodeArgs, projectDir, '--check', '--log-level', 'silent'], env, 'pipe');
    if (loaded.stdout === '') return loaded.code;
    if (values.json) process.stdout.write(loaded.stdout);
    else process.stdout.write(describe(JSON.parse(loaded.stdout) as CheckReport, (settings?.code ?? 0) === 0));
    return settings && settings.code !== 0 ? settings.code : loaded.code;
  },
};

function run(
  nodeArgs: readonly string[],
  env: CommandContext['env'],
  stdout: 'pipe' | 'ignore',
): { code: number; stdout: string } {
  const options = {
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
    env,
    maxBuffer: Number.POSITIVE_INFINITY,
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
