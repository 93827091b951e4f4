import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandContext, parse, UsageError } from './command.ts';
import { dataDirectoryOf } from './data-directory.ts';
import { configArgs, operatorFile } from './operator-file.ts';
import { settingsOf, valueAt } from './operator-settings.ts';

/** What `dev` and `start` make of their command line. */
export interface PodArguments {
  projectDir: string;
  configFile: string | undefined;
  /** For Node's permission model; undefined: without. */
  permission: { readable: string[]; writable: string[]; dataDir: string } | undefined;
  /** Where the function process can be debugged, and whether it waits for that. */
  inspect: { address: string; stops: boolean } | undefined;
  /** For the sidecar's process. */
  sidecarArgs: string[];
}

export const POD_OPTIONS_HELP = `
  --port N         port of the HTTP ingress            (BOTTLE_PORT, 8080)
  --admin-port N   port of the admin endpoints         (BOTTLE_ADMIN_PORT, admin.port, 9901)
  --rpc-port N     port of the gRPC server             (BOTTLE_RPC_PORT, 9090)
  --host H         address of HTTP and gRPC            (BOTTLE_HOST, BOTTLE_RPC_HOST)
  --config FILE    the operator's file                 (BOTTLE_CONFIG, <dir>/sidecar.yml when it exists)
  --permission     functions may read their project and its packages, and write temporary files; no other files,
                   processes, threads or add-ons: docs/security.md
  --allow-read P   with --permission: what they may read besides; can be repeated
  --allow-write P  with --permission: what they may read and write besides; can be repeated
  --inspect[=[H:]P]      a debugger can be attached to the function process there (127.0.0.1:9229)
  --inspect-brk[=[H:]P]  the same, and it stops before it loads the project: docs/development.md
  -- …             further settings of the sidecar, as \`--limits-max-body-bytes 1000\`

Every setting is in docs/configuration.md.
`;

/** Defaults that differ from the sidecar's own; a flag, the environment or sidecar.yml overrules them. */
export interface PodDefaults {
  host: string | undefined;
  drainPropagationMs: number;
  /** What functions without a `uses` list may use: everything, with a warning. */
  lenientGrants: boolean;
}

/** The sidecar's, as its settings call them. */
const SERVERS = ['http', 'http2', 'rpc', 'admin', 'metrics'];

export function parsePodArguments(
  args: readonly string[],
  context: CommandContext,
  defaults: PodDefaults,
): PodArguments {
  const { own, passedOn } = divided(args);
  if (passedOn.includes('--develop'))
    throw new UsageError('--develop is for `bottle dev` alone, which gives it by itself');
  const { values, positionals } = parseOwn(own);
  const projectDir = projectDirOf(positionals, context);
  const configFile = operatorFile(flagOf(passedOn, 'config') ?? values.config, projectDir, context);

  /** By the environment, a flag or the operator's file, which the sidecar reads itself. */
  const settings = settingsOf(configFile);
  const isDecided = (variable: string, flag: string, ...path: string[]): boolean =>
    Boolean(context.env[variable]) || passedOn.includes(`--${flag}`) || valueAt(settings, path) !== undefined;
  const sidecarArgs = configArgs(configFile);
  const add = (flag: string, value: string | number | undefined): void => {
    if (value !== undefined) sidecarArgs.push(`--${flag}`, String(value));
  };
  add('project-dir', projectDir);
  add('port', values.port);
  if (!isDecided('BOTTLE_DATA_DIR', 'data-dir', 'dataDir')) add('data-dir', dataDirectoryOf(projectDir));
  if (defaults.lenientGrants && !isDecided('BOTTLE_GRANTS', 'grants', 'grants')) add('grants', 'warn');
  add('admin-port', values['admin-port']);
  add('rpc-port', values['rpc-port']);
  // A host in the operator's file may be that of any of its servers: then all of them are as the file says.
  const isHostDecided = (variable: string, flag: string): boolean =>
    SERVERS.some((server) => valueAt(settings, [server, 'host']) !== undefined) || isDecided(variable, flag, 'host');
  add('rpc-host', values.host ?? (isHostDecided('BOTTLE_RPC_HOST', 'rpc-host') ? undefined : defaults.host));
  add('host', values.host ?? (isHostDecided('BOTTLE_HOST', 'host') ? undefined : defaults.host));
  if (!isDecided('BOTTLE_DRAIN_PROPAGATION_MS', 'drain-propagation-ms', 'drain', 'propagationMs'))
    add('drain-propagation-ms', defaults.drainPropagationMs);
  const fromFile = valueAt(settings, ['dataDir']);
  const named = flagOf(passedOn, 'data-dir') ?? (context.env['BOTTLE_DATA_DIR'] || fromFile);
  const dataDir = typeof named === 'string' ? named : undefined; // the sidecar says what is wrong with another one
  const toPaths = (given: string[] | undefined): string[] => (given ?? []).map((path) => resolve(context.cwd, path));
  const permission = {
    readable: toPaths(values['allow-read']),
    writable: toPaths(values['allow-write']),
    dataDir: dataDir === undefined ? dataDirectoryOf(projectDir) : resolve(context.cwd, dataDir),
  };
  const inspect = debuggerAddress(values['inspect-brk'] ?? values.inspect);
  if (inspect !== undefined && values.permission)
    throw new UsageError('--inspect and --permission exclude each other: a debugger may do everything');
  return {
    projectDir,
    configFile,
    inspect: inspect === undefined ? undefined : { address: inspect, stops: values['inspect-brk'] !== undefined },
    permission: values.permission ? permission : undefined,
    sidecarArgs: [...sidecarArgs, ...passedOn],
  };
}

/** Those of the command, and those after "--". */
function divided(args: readonly string[]): { own: readonly string[]; passedOn: readonly string[] } {
  const separator = args.indexOf('--');
  return separator === -1
    ? { own: args, passedOn: [] }
    : { own: args.slice(0, separator), passedOn: args.slice(separator + 1) };
}

function parseOwn(own: readonly string[]) {
  return parse({
    args: own.map((argument) => (/^--inspect(-brk)?$/.test(argument) ? `${argument}=` : argument)),
    allowPositionals: true,
    options: {
      permission: { type: 'boolean' },
      inspect: { type: 'string' },
      'inspect-brk': { type: 'string' },
      'allow-read': { type: 'string', multiple: true },
      'allow-write': { type: 'string', multiple: true },
      port: { type: 'string' },
      'admin-port': { type: 'string' },
      'rpc-port': { type: 'string' },
      host: { type: 'string' },
      config: { type: 'string' },
    },
  });
}

/** The project's directory on such a command line. Throws UsageError when it is none. */
export function projectDirIn(args: readonly string[], context: CommandContext): string {
  return projectDirOf(parseOwn(divided(args).own).positionals, context);
}

/** "", "9230", "0.0.0.0:9230" or "[::1]:9230", with what is missing. */
function debuggerAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { host = '127.0.0.1', port = '9229' } = /^(?:(?<host>.+):)?(?<port>\d{1,5})?$/.exec(text)?.groups ?? {
    port: text,
  };
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError(`--inspect takes a port, or a host and a port, such as 127.0.0.1:9229, not "${text}"`);
  return `${host}:${port}`;
}

/** The last value of a flag among arguments that are not parsed here. */
function flagOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findLastIndex((argument) => argument === `--${flag}` || argument.startsWith(`--${flag}=`));
  const argument = args[at];
  return argument?.includes('=') ? argument.slice(argument.indexOf('=') + 1) : args[at + 1 || args.length];
}

/** The directory that a command names, or the current one. Throws UsageError when it is none. */
export function projectDirOf(positionals: readonly string[], { cwd }: CommandContext): string {
  if (positionals.length > 1)
    throw new UsageError(`one directory, please, not ${positionals.length}: ${positionals.join(' ')}`);
  const projectDir = resolve(cwd, positionals[0] ?? '.');
  if (!existsSync(projectDir) || !statSync(projectDir).isDirectory()) {
    throw new UsageError(`there is no directory ${positionals[0]}`);
  }
  return projectDir;
}
