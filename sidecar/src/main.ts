// The sidecar's process: settings in, signals handled, exit code out. 0 stopped, 64 bad flag, 69 port or socket not to
// be had, 70 a bug of its own, 78 bad configuration.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { existsSync, readFileSync, writeSync } from 'node:fs';
import type { ProjectNeeds } from './capabilities/check-needs.ts';
import type { SidecarConfig } from './config.ts';
import type { SidecarSettings } from './load-sidecar-config.ts';

/** After the start, when the first requests have had their answers. */
const CACHE_FLUSH_MS = 1_000;
/** How long open connections may take to close after the drain. */
const CLOSE_TIMEOUT_MS = 2_000;

// V8 learns to allocate what looks long-lived in the old generation at once. A request looks so when the server is warm,
// and drags everything it refers to along: minor collections took 30 ms instead of 0.5 ms, a third of all CPU.
setFlagsFromString('--no-allocation-site-pretenuring');

// What the sidecar keeps, sockets and databases included, is nobody else's; nor is its environment in a crash report.
process.umask(0o077);
process.report.excludeEnv = true;

// Everything else is loaded with V8's compile cache: it halves the start, and keeps the type stripper out of memory.
enableCompileCache();
const { ConfigProblems } = await import('@bottle/config-file');
const {
  BottleError,
  createLogRedaction,
  KnownSecrets,
  LogDestination,
  LongestTurns,
  untilWritten,
  VERSION,
  watchTurns,
} = await import('@bottle/protos');
const { pino, stdSerializers } = await import('pino');
const { listSettings } = await import('./config.ts');
const { loadSidecarConfig, readSidecarSettings } = await import('./load-sidecar-config.ts');
const { AccessLog } = await import('./observe/access-log.ts');
const { captureConsole } = await import('./observe/capture-console.ts');
const { startSidecar } = await import('./sidecar.ts');

const { config, mode } = await readConfig();
// Its stream makes the descriptor one that never blocks. A reader of the log that stands still holds up nothing here.
const secrets = new KnownSecrets();
const out = new LogDestination({ fd: process.stdout.fd, process: 'sidecar', mask: secrets.maskLines });
const turns = new LongestTurns();
const redaction = createLogRedaction(stdSerializers.err);
const log = pino({ level: config.log.level, base: { process: 'sidecar' }, ...redaction }, out);
captureConsole(log);

if (config.log.turnStackMs > 0) watchTurns({ longMs: config.log.turnStackMs, log });
const accessLog = config.log.access && log.isLevelEnabled('info') ? new AccessLog(out) : undefined;

try {
  const software = `bottle-sidecar/${VERSION}`;
  const droppedLogLines = (): number => out.droppedLines;
  const sidecar = await startSidecar({
    config,
    env: process.env,
    secrets,
    log,
    accessLog,
    turns,
    droppedLogLines,
    software,
    ...mode,
  });
  const { httpPort, http2Port, adminPort, rpcPort, metricsPort } = sidecar;
  const ports = { port: httpPort, http2Port, adminPort, rpcPort, metricsPort };
  const scheme = config.http.tls.cert === '' ? 'http' : 'https';
  log.info({ ...ports, scheme, socketDir: config.socketDir }, 'sidecar listens');
  setTimeout(flushCompileCache, CACHE_FLUSH_MS).unref(); // not only at exit: the next start may follow a kill
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    await sidecar.drain();
    await Promise.race([sidecar.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS))]);
    await leave(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a bug of the sidecar; it ends, to be started again');
    void leave(70);
  });
  if (process.env['BOTTLE_SUPERVISED'] === '1') {
    // Ctrl-C reaches the whole process group; the supervisor decides when we go, and takes us along when it dies.
    process.on('SIGINT', () => {});
    process.stdin.on('end', () => void stop('supervisor gone')).resume();
  } else {
    process.on('SIGINT', () => void stop('SIGINT'));
  }
} catch (error) {
  if (error instanceof BottleError) log.fatal({ reason: error.reason }, `the sidecar cannot start: ${error.message}`);
  else log.fatal({ err: error }, 'the sidecar cannot start');
  await leave(69);
}

/** What the one who starts the process says of it, and no setting does. */
interface Mode {
  develop: boolean;
  callsOnly: boolean;
  projectDir: string | undefined;
}

async function readConfig(): Promise<{ config: SidecarConfig; mode: Mode }> {
  const settings = Object.fromEntries(listSettings().map(({ flag }) => [flag, { type: 'string' as const }]));
  try {
    const {
      check,
      needs,
      help,
      develop = false,
      'calls-only': callsOnly = false,
      'project-dir': projectDir,
      config: named,
      'config-text': textFile,
      ...flags
    } = parseArgs({
      options: {
        ...settings,
        config: { type: 'string' },
        'config-text': { type: 'string' },
        check: { type: 'boolean' },
        needs: { type: 'boolean' },
        develop: { type: 'boolean' },
        'calls-only': { type: 'boolean' },
        'project-dir': { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
    if (help) {
      process.stdout.write(usage());
      process.exit(0);
    }
    const file = named ?? process.env['BOTTLE_CONFIG'] ?? (existsSync('sidecar.yml') ? 'sidecar.yml' : undefined);
    const sources = { file, textFile, env: process.env, flags };
    if (needs) await printNeeds(await readSidecarSettings(sources));
    if (needs && !check) process.exit(0);
    const loaded = await loadSidecarConfig(sources);
    if (check) process.exit(0);
    return { config: loaded, mode: { develop, callsOnly, projectDir } };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(error instanceof ConfigProblems ? ConfigProblems.exitCode : 64);
  }
}

async function printNeeds(settings: SidecarSettings): Promise<void> {
  const { checkNeeds } = await import('./capabilities/check-needs.ts');
  const project = JSON.parse(readFileSync(0, 'utf8')) as ProjectNeeds;
  writeSync(1, `${JSON.stringify(checkNeeds(settings, project))}\n`);
}

function usage(): string {
  const lines = listSettings().map(({ flag, env, description, defaultValue }) =>
    [`  --${flag}  (${env}, ${JSON.stringify(defaultValue)})`, `      ${description}`].join('\n'),
  );
  return [
    'Usage: sidecar [settings]',
    '',
    '  --config FILE  (BOTTLE_CONFIG, sidecar.yml when it exists)',
    '  --develop      clients see the message, the stack and the source of errors: for `bottle dev`',
    '  --calls-only   runs no schedule and reads no queue: for `bottle invoke`',
    '  --project-dir DIR  whose pod it is, for GET /functions of the admin port',
    '  --check        validates the settings and exits: 0, or 78 with every problem',
    '  --needs        reads { functions, needs } of a manifest from standard input, and prints as JSON what they need and the',
    '                 settings do not have, then exits, with --check after the rest; secrets need not be there for it',
    '',
    ...lines,
    '',
  ].join('\n');
}

async function leave(code: number): Promise<never> {
  accessLog?.flush();
  await untilWritten(out);
  process.exit(code);
}
