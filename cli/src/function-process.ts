import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CommandContext } from './command.ts';
import {
  functionEnvironment,
  secretDirectories,
  secretFiles,
  secretNames,
  secretPrefixes,
} from './function-environment.ts';
import { permissionFlags } from './function-permissions.ts';
import type { FunctionProcess } from './runtime-process.ts';
import { runtimeDir } from './programs.ts';

/** What a command knows of a pod that matters for its function process. */
export interface FunctionProcessOptions {
  projectDir: string;
  /** The operator's file that was named, or found. */
  configFile: string | undefined;
  context: CommandContext;
  /** Undefined: without Node's permission model. */
  permission?: { readable: readonly string[]; writable: readonly string[]; dataDir: string } | undefined;
}

/** For `Pod`: the function process gets none of the sidecar's secrets; with `permission` it cannot fetch them either. */
export function createFunctionProcess(options: FunctionProcessOptions): (socketDir: string) => FunctionProcess {
  const { projectDir, context, permission } = options;
  const files = operatorFiles(options);
  return (socketDir) => {
    const env = functionEnvironment(context.env, files);
    if (!permission) return { nodeArgs: [], env };
    const { flags, compileCache } = permissionFlags({
      projectDir,
      runtimeDir: runtimeDir(),
      socketDir,
      tempDir: tmpdir(),
      hidden: [
        ...files,
        ...secretFiles(files),
        ...secretDirectories(files, context.env).map((directory) => resolve(context.cwd, directory)),
        permission.dataDir,
      ],
      readable: permission.readable,
      writable: permission.writable,
    });
    return { nodeArgs: flags, env: { ...env, ...(compileCache ? { NODE_COMPILE_CACHE: compileCache } : {}) } };
  };
}

/** Whether the operator's files take anything from the environment or other files, or name secrets. */
export function refersToSecrets(options: FunctionProcessOptions): boolean {
  const files = operatorFiles(options);
  const { env } = options.context;
  return [secretFiles(files), secretNames(files), secretPrefixes(files, env), secretDirectories(files, env)].some(
    ({ length }) => length > 0,
  );
}

/** Everything that may be the sidecar's file. */
export function operatorFiles({ projectDir, configFile, context }: FunctionProcessOptions): string[] {
  const { BOTTLE_CONFIG: named } = context.env;
  const candidates = [configFile, named, join(projectDir, 'sidecar.yml')];
  return candidates.flatMap((file) => (file === undefined || file === '' ? [] : [resolve(context.cwd, file)]));
}
