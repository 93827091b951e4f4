// The function container's process. Exit codes: 0 stopped, 64 bad argument, 69 socket not to be had, 70 code does not
// load (--check, --replace), 78 bad serverless.yml, or an SDK of another version.
import { enableCompileCache, flushCompileCache, stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import type { Permissions } from './give-up-permissions.ts';
import type { DebuggerPort } from './inspect/debugger-port.ts';
import type { Manifest } from './manifest/manifest.ts';
import type { Runtime } from './runtime.ts';
import type { Watchdog } from './watchdog/watchdog.ts';

/** After the start, when the first requests have had their answers. */
const CACHE_FLUSH_MS = 1_000;
/** Longest that logging may hold the event loop, so that whoever reads the log can follow. */
const MAX_LOG_WAIT_MS = 1_000;
/** What a time limit becomes while somebody may stand at a breakpoint. */
const DEBUGGED_TIMEOUT_MS = 3_600_000;
const USAGE = `Usage: function-runtime [dir] [options]

  --socket-dir DIR    directory of runtime.sock and sidecar.sock  (BOTTLE_SOCKET_DIR, /tmp/bottle)
  --blocked-ms N      an event loop that stands still this long ends the process, 0: never  (BOTTLE_BLOCKED_MS, 5000)
  --stuck-ms N         code that runs on so long after its invocation was given up is stuck; when such code holds all
                       places of a function, the process ends, 0: never  (BOTTLE_STUCK_MS, 30000)
  --log-level LEVEL   trace, debug, info, warn, error, silent  (BOTTLE_LOG_LEVEL, info)
  --functions A,B     serve these functions only, not all of serverless.yml  (BOTTLE_FUNCTIONS)
  --replace           load everything first, then take the socket over; exit 70 when something does not load
  --standby           get ready, and read the project when "load" comes as a line on standard input
  --inspect H:P       opens the port of the debugger; nothing has a time limit, nor is the event loop watched
  --inspect-brk H:P   the same, and stops before it loads the project until a debugger lets it go on
  --report-fd N       tell a supervisor there, as lines of JSON, which files were loaded, and when it serves
  --develop           clients see the message, the stack and the source of errors
  --check             load everything, print the function table as JSON, exit
  --manifest          print what serverless.yml says as JSON, load nothing, exit
  --help
`;

// See the sidecar’s main.ts: invocations are short-lived, however long they look to V8; and the same compile cache.
setFlagsFromString('--no-allocation-site-pretenuring');

process.report.excludeEnv = true; // a crash report goes where logs go
enableCompileCache();
const { ConfigProblems } = await import('@bottle/config-file');
const { createLogRedaction, KnownSecrets, LogDestination, LongestTurns, untilWritten, VERSION, watchTurns } =
  await import('@bottle/protos');
const { pino, stdSerializers } = await import('pino');
const { describeManifest } = await import('./manifest/describe-manifest.ts');
const { loadManifest, selectFunctions } = await import('./manifest/manifest.ts');
const { processEnvironment } = await import('./manifest/process-environment.ts');
const { maskWarnings } = await import('./observe/mask-warnings.ts');
const { createRuntime } = await import('./runtime.ts');
const { createWatchdog } = await import('./watchdog/watchdog.ts');
const { giveUpPermissions } = await import('./give-up-permissions.ts');
const { sdkOutOfStep } = await import('./load/sdk-in-step.ts');
const { printCheck } = await import('./check.ts');
const { writeWhole } = await import('./observe/write-whole.ts');
const { LoadedFiles } = await import('./load/loaded-files.ts');
const { readSupervisor, SupervisorReports } = await import('./supervisor-link.ts');

const { values, positionals } = readArguments();
const projectDir = resolve(positionals[0] ?? '.');
const level = values['log-level'] ?? process.env['BOTTLE_LOG_LEVEL'] ?? 'info';
// Their streams make the descriptors ones that never block. Functions that log more than is read are held up, for a while.
const { fd } = values.check ? process.stderr : process.stdout;
const secrets = new KnownSecrets();
maskWarnings(secrets.mask);
const out = new LogDestination({
  fd,
  process: 'runtime',
  minBytes: 4_096,
  patienceMs: MAX_LOG_WAIT_MS,
  mask: secrets.maskLines,
});
const turns = new LongestTurns();
const log = pino({ level, base: { process: 'runtime' }, ...createLogRedaction(stdSerializers.err) }, out);

const turnStackMs = Number(process.env['BOTTLE_LOG_TURN_STACK_MS'] ?? 0);
if (turnStackMs > 0 && !values.check && !process.permission)
  watchTurns({ longMs: turnStackMs, log, ...(values.develop ? { codeIn: projectDir } : {}) });

const inspect = values['inspect-brk'] ?? values.inspect;
const debuggerPort = inspect === undefined ? undefined : await createDebuggerPort(inspect);
const files = new LoadedFiles();
const reports = new SupervisorReports(
  values['report-fd'] === undefined ? undefined : Number(values['report-fd']),
  files,
);
const told = Promise.withResolvers<void>();
let onGone = (): void => process.exit(0);
if (process.env['BOTTLE_SUPERVISED'] === '1') {
  // Ctrl-C reaches the whole process group; the supervisor decides when we go, and takes us along when it dies.
  process.on('SIGINT', () => {});
  readSupervisor(
    (line) => {
      if (line === 'load') told.resolve();
      if (line === 'inspector off') debuggerPort?.close();
      if (line === 'inspector on') void debuggerPort?.takeOver();
    },
    () => onGone(),
  );
}
if (values.standby) {
  stripTypeScriptTypes(''); // so that it is loaded
  await told.promise;
}

refuseSdkOutOfStep();
const manifest = await readManifest();
reports.packaging = manifest.packaging;
if (values.manifest) {
  writeWhole(1, describeManifest(manifest, projectDir));
  process.exit(0);
}
for (const warning of manifest.warnings) if (!values.check) log.warn(warning);
let watchdog: Watchdog | undefined;
const runtime = createRuntime({
  turns,
  secrets,
  droppedLogLines: () => out.droppedLines,
  manifest,
  projectDir,
  socketDir: values['socket-dir'] ?? process.env['BOTTLE_SOCKET_DIR'] ?? '/tmp/bottle',
  isAlone: values.check,
  env: process.env,
  log,
  software: `bottle-function-runtime/${VERSION}`,
  develop: values.develop ?? false,
  files,
  onConnected: () => reports.tellConnected(),
  onProgress: () => watchdog?.beat(),
  hookTimeoutMs: debuggerPort ? DEBUGGED_TIMEOUT_MS : undefined,
  stuckMs: debuggerPort ? 0 : Number(values['stuck-ms'] ?? process.env['BOTTLE_STUCK_MS'] ?? 30_000),
  onLost: () => void stop('stuck invocations', 70),
});
if (values.check) {
  process.exitCode = await printCheck(runtime, manifest, log);
  await leave(process.exitCode);
} else {
  await run(runtime);
}

async function run({ load, serve, keepTrying, registry }: Runtime): Promise<void> {
  const getWatchdog = await readyWatchdog();
  if (debuggerPort) await letDebuggerIn(debuggerPort);
  const loading = load();
  if (values.replace) {
    await loading.catch((error: unknown) => fail(error, 'the runtime failed to start', 70));
    if (registry.failures.length > 0) await leave(70);
  }
  reports.tellFiles();
  const bound = serve().catch((error: unknown) => fail(error, 'the socket cannot be bound', 69));
  let startFailed = false;
  await loading.catch((error: unknown) => {
    startFailed = true;
    log.error({ err: error }, 'the runtime failed to start');
    registry.failAll(error);
  });
  await bound;
  reports.tellServes();
  watchdog = getWatchdog();
  watchdog?.start();
  setTimeout(flushCompileCache, CACHE_FLUSH_MS).unref(); // not only at exit: the next start may follow a kill
  keepTrying(startFailed);
}

/** Loaded on demand: it is of no use to anybody else. */
async function createDebuggerPort(address: string): Promise<DebuggerPort> {
  const { DebuggerPort: Port } = await import('./inspect/debugger-port.ts');
  return new Port({ address, logger: log });
}

async function letDebuggerIn(port: DebuggerPort): Promise<void> {
  const stops = values['inspect-brk'] !== undefined;
  if (!values.replace) await port.open().catch((error: unknown) => fail(error, (error as Error).message, 69));
  else if (stops) await port.takeOver();
  else void port.takeOver();
  if (!stops) return;
  log.warn({ address: values['inspect-brk'] }, 'waits for a debugger');
  await untilWritten(out);
  port.waitForDebugger();
  // oxlint-disable-next-line no-debugger -- this is what --inspect-brk is for; the project's code comes next
  debugger;
}

/**
 * How to get the watchdog: at once under Node's permission model, for functions must not be able to start threads, and
 * after loading otherwise, which is sooner.
 */
async function readyWatchdog(): Promise<() => Watchdog | undefined> {
  const blockedMs = Number(values['blocked-ms'] ?? process.env['BOTTLE_BLOCKED_MS'] ?? 5_000);
  const permissions = process.permission as Permissions | undefined;
  const create = () => (blockedMs > 0 && !debuggerPort ? createWatchdog({ blockedMs }) : undefined);
  if (!permissions) return create;
  const made = permissions.has('worker') ? create() : undefined;
  try {
    giveUpPermissions(permissions);
  } catch (error) {
    await fail(error, 'the runtime cannot be started like this', 64);
  }
  return () => made;
}

let stopping = false;
async function stop(signal: string, exitCode = 0): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  await runtime.close();
  await leave(exitCode);
}
process.on('SIGTERM', () => void stop('SIGTERM'));
onGone = () => void stop('supervisor gone');
if (process.env['BOTTLE_SUPERVISED'] !== '1') process.on('SIGINT', () => void stop('SIGINT'));

function readArguments() {
  try {
    const parsed = parseArgs({
      allowPositionals: true,
      options: {
        'socket-dir': { type: 'string' },
        'blocked-ms': { type: 'string' },
        'stuck-ms': { type: 'string' },
        'log-level': { type: 'string' },
        replace: { type: 'boolean' },
        standby: { type: 'boolean' },
        develop: { type: 'boolean' },
        'report-fd': { type: 'string' },
        inspect: { type: 'string' },
        'inspect-brk': { type: 'string' },
        check: { type: 'boolean' },
        functions: { type: 'string' },
        manifest: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (parsed.values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    return parsed;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(64);
  }
}

function refuseSdkOutOfStep(): void {
  const refusal = sdkOutOfStep(projectDir);
  if (refusal === undefined) return;
  process.stderr.write(`${refusal}\n`);
  process.exit(ConfigProblems.exitCode);
}

async function readManifest(): Promise<Manifest> {
  try {
    const showsValues = values.check === true || values.develop === true;
    const onFile = (path: string): void => files.addFile(path);
    const whole = await loadManifest(projectDir, { env: process.env, onFile, showsValues });
    const { functions: flag } = values;
    const [names, source] =
      flag === undefined ? [process.env['BOTTLE_FUNCTIONS'] ?? '', 'BOTTLE_FUNCTIONS'] : [flag, '--functions'];
    const manifest = selectFunctions(whole, names, source);
    return withEnvironment(debuggerPort ? withoutTimeLimits(manifest) : manifest);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return process.exit(error instanceof ConfigProblems ? ConfigProblems.exitCode : 70);
  }
}

/** What the functions are given is in process.env as well, before any of their code is loaded. */
function withEnvironment(selected: Manifest): Manifest {
  const environment = processEnvironment(selected);
  Object.assign(process.env, environment.values);
  return { ...selected, warnings: [...selected.warnings, ...environment.warnings] };
}

function withoutTimeLimits(limited: Manifest): Manifest {
  const limits = { timeoutMs: DEBUGGED_TIMEOUT_MS, initTimeoutMs: DEBUGGED_TIMEOUT_MS };
  return { ...limited, functions: limited.functions.map((spec) => ({ ...spec, ...limits })) };
}

function fail(error: unknown, message: string, code: number): Promise<never> {
  log.fatal({ err: error }, message);
  return leave(code);
}

async function leave(code: number): Promise<never> {
  await untilWritten(out);
  process.exit(code);
}
