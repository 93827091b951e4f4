import { basename, join, relative } from 'node:path';
import { adminAuthorization } from '../admin-client.ts';
import { AcceptedConfig } from '../accepted-config.ts';
import { sidecarProblems } from '../check-sidecar.ts';
import type { Command, CommandContext } from '../command.ts';
import { type CheckedFunction, functionTable } from '../function-table.ts';
import { createFunctionProcess } from '../function-process.ts';
import { LoadErrors } from '../load-errors/load-errors.ts';
import { Pod, type Ports } from '../pod.ts';
import { DOT_ENV_FILES, dotEnvNames, withDotEnv } from '../dot-env.ts';
import {
  parsePodArguments,
  type PodArguments,
  type PodDefaults,
  POD_OPTIONS_HELP,
  projectDirIn,
} from '../pod-arguments.ts';
import { createReadableLogs, type ReadableLogs } from '../readable-logs.ts';
import { Reloader } from '../reloader.ts';
import { stopOnSignals } from '../stop-signals.ts';
import { examplesOf } from '../examples.ts';

const READY_RETRY_MS = 50;
const READY_PATIENCE_MS = 10_000;
/** Lines that Node.js itself prints. */
const OF_THE_DEBUGGER = /^(Debugger |For help, see: https:\/\/nodejs|Waiting for the debugger)/;
const DEFAULTS: PodDefaults = Object.freeze({ host: '127.0.0.1', drainPropagationMs: 0, lenientGrants: true });
/** They count although no code loads them. What else the manifest and the code name, the function process reports. */
const PROJECT_FILES = Object.freeze(['serverless.yml', 'serverless.yaml', 'f.yml', 'package.json', ...DOT_ENV_FILES]);

/** Turns of the event loop in which code of the project runs that are named in the log, with their stack, in milliseconds. */
const LONG_TURN_MS = '50';

/** `bottle dev`: the project, reloaded on every change. */
export const dev: Command = {
  summary: 'runs a project for development: readable logs, reload on change',
  usage: `Usage: bottle dev [dir] [options]

Runs the project in dir (default: here) and reloads it when a file changes. Requests under way are finished by the
code they began with; code that does not load leaves the old code serving. Ctrl-C stops.
${POD_OPTIONS_HELP}`,
  async run(args, surroundings) {
    const directory = projectDirIn(args, surroundings);
    let context = withDotEnv(surroundings, directory);
    const accepted = new AcceptedConfig();
    const parsed = (): PodArguments => {
      const parsedArguments = parsePodArguments(args, context, DEFAULTS);
      const { sidecarArgs, configFile } = parsedArguments;
      return { ...parsedArguments, sidecarArgs: [...sidecarArgs, ...accepted.copy(configFile)] };
    };
    let current = parsed();
    accepted.settle(true);
    const { inspect, projectDir, permission } = current;
    /** The one that counts, whether it is there or not. */
    const operatorsFile = (): string => current.configFile ?? join(projectDir, 'sidecar.yml');
    const logs = await createReadableLogs(process.stdout, context.env);

    /** The operator's file may have come, changed or gone. One that is wrong is not applied. */
    async function applyConfiguration(name: string): Promise<boolean> {
      context = withDotEnv(surroundings, directory);
      const next = parsed();
      const problems = await sidecarProblems(next.sidecarArgs, context.env);
      accepted.settle(problems === undefined);
      if (problems !== undefined) {
        logs.say('error', `${name} is not applied, the sidecar goes on with what it has:\n${problems}`);
        return false;
      }
      current = next;
      logs.say('info', `${name} changed: starting the sidecar again`);
      await pod.restartSidecar();
      return true;
    }

    const loadErrors = new LoadErrors({
      projectDir,
      files: () => reloader.files,
      print: (text) => logs.say('error', text),
    });
    let isStopping = false;
    let hasGreeted = false;
    /** Again when the project was not ready the last time. */
    async function greetOnce({ mayHaveFailed }: { mayHaveFailed: boolean }): Promise<void> {
      const ports = await pod.listening;
      if (hasGreeted) return;
      hasGreeted = true;
      const patienceMs = inspect?.stops ? Infinity : READY_PATIENCE_MS;
      try {
        hasGreeted = await greet(ports, projectDir, { logs, context, patienceMs, mayHaveFailed });
      } catch (error) {
        if (!isStopping) logs.say('warn', `the pod does not say how it is: ${(error as Error).message}`);
      }
    }

    const reloader: Reloader = new Reloader({
      projectDir,
      named: [...PROJECT_FILES.map((name) => join(projectDir, name)), operatorsFile()],
      async onChange(files) {
        const names = files.map((file) => relative(projectDir, file)).join(', ');
        const configuration = files.filter((file) => file === operatorsFile() || isDotEnv(file));
        // What the function process gets of the environment depends on what the operator's file refers to.
        if (configuration.length > 0 && !(await applyConfiguration(basename(configuration[0] ?? '')))) {
          if (configuration.length === files.length) return false;
        }
        const startedAt = performance.now();
        loadErrors.reset();
        const replaced = await pod.replaceRuntime();
        await loadErrors.printed();
        if (replaced) logs.say('info', `reloaded in ${Math.round(performance.now() - startedAt)} ms (${names})`);
        else logs.say('error', `${names} changed, but does not load; the code from before keeps serving`);
        if (replaced) void greetOnce({ mayHaveFailed: false });
        return replaced;
      },
    });
    await reloader.begin();
    const pod = await Pod.start({
      projectDir,
      sidecarArgs: () => current.sidecarArgs,
      env: () => context.env,
      functionProcess(socketDir) {
        const options = { projectDir, configFile: current.configFile, context, permission };
        const { nodeArgs, env } = createFunctionProcess(options)(socketDir);
        // At a breakpoint every turn is long.
        return { nodeArgs, env: inspect ? env : { BOTTLE_LOG_TURN_STACK_MS: LONG_TURN_MS, ...env } };
      },
      inspect,
      develops: true,
      onFiles: (loaded) => reloader.add(loaded),
      onLine: (_process, line) => {
        if (!loadErrors.take(line)) logs.write(line);
      },
      onErrorLine: (_process, text) => logs.say(OF_THE_DEBUGGER.test(text) ? 'info' : 'error', text),
      onEvent: (level, message) => logs.say(level, message),
    });
    stopOnSignals(pod, (why) => {
      isStopping = true;
      logs.say('info', why === 'SIGINT' ? 'stopping' : `stopping (${why})`);
    });
    for (const { file, names } of dotEnvNames(projectDir))
      logs.say('info', `environment from ${file}: ${names.join(', ')}`);
    void greetOnce({ mayHaveFailed: true });
    const code = await pod.ended;
    reloader.close();
    return code;
  },
};

function isDotEnv(file: string): boolean {
  return DOT_ENV_FILES.includes(basename(file));
}

/** What the admin port answers to GET /functions. */
interface FunctionsDocument {
  service: string;
  functions: CheckedFunction[];
  /** Undefined while no gRPC method is answered. */
  rpcPort?: number;
}

interface Patience {
  patienceMs: number;
  /** Whether a function that has failed ends the wait; after a reload it is one of the process before. */
  mayHaveFailed: boolean;
}

/** What a person wants to see once it runs. Says whether it is ready. */
async function greet(
  { port, adminPort, scheme }: Ports,
  projectDir: string,
  { logs, context, ...patience }: { logs: ReadableLogs; context: CommandContext } & Patience,
): Promise<boolean> {
  const missing = await untilReady(adminPort, patience);
  const ready = missing.length === 0;
  const headers = adminAuthorization(context.env);
  const answer = await fetch(`http://127.0.0.1:${adminPort}/functions`, { headers });
  if (!answer.ok) {
    logs.say('info', `serves on ${scheme}://localhost:${port}; BOTTLE_ADMIN_TOKEN is not admin.token`);
    return ready;
  }
  const { service, functions, rpcPort } = (await answer.json()) as FunctionsDocument;
  const examples = await examplesOf(projectDir, functions, { port, adminPort, rpcPort, scheme });
  const lines = [
    '',
    `${service} ${ready ? 'is ready' : 'runs'} on ${scheme}://localhost:${port} (admin: http://localhost:${adminPort})`,
    ...(ready ? [] : [`It is not ready yet: ${whyNot(missing)}`]),
    ...(rpcPort === undefined ? [] : [`gRPC, with reflection: localhost:${rpcPort}`]),
    '',
    functionTable(functions).trimEnd(),
    '',
    ...(examples.length > 0 ? ['Try:', ...examples.map((line) => `  ${line}`), ''] : []),
  ];
  logs.print(lines.join('\n'));
  return ready;
}

/** Functions say it in the table below, and in a line of the log. */
function whyNot(missing: readonly string[]): string {
  const others = missing.filter((problem) => !/ (?:failed to initialise:|is initialising)/.test(problem));
  return others.length > 0 ? others.join('; ') : 'a function does not load';
}

/** What keeps the pod from getting ready in time: a function that does not load, most likely. Empty: nothing. */
async function untilReady(adminPort: number, { patienceMs, mayHaveFailed }: Patience): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  let last = ['its admin port does not answer'];
  while (performance.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => undefined);
    if (response?.ok) return [];
    const { missing = last } = response ? ((await response.json()) as { missing?: string[] }) : {};
    last = missing;
    if (mayHaveFailed && missing.some((reason) => reason.includes('failed'))) return missing;
    await new Promise((resolve) => setTimeout(resolve, READY_RETRY_MS));
  }
  return last;
}
