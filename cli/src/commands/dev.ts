import { basename, relative } from 'node:path';
import { adminAuthorization } from '../admin-client.ts';
import type { Command, CommandContext } from '../command.ts';
import { type CheckedFunction, functionTable } from '../function-table.ts';
import { createFunctionProcess } from '../function-process.ts';
import { Pod, type Ports } from '../pod.ts';
import { parsePodArguments, POD_OPTIONS_HELP } from '../pod-arguments.ts';
import { createReadableLogs, type ReadableLogs } from '../readable-logs.ts';
import { Reloader } from '../reloader.ts';
import { stopOnSignals } from '../stop-signals.ts';
import { examplesOf } from '../examples.ts';

const READY_RETRY_MS = 50;

/** `bottle dev`: the project, reloaded on every change. */
export const dev: Command = {
  summary: 'runs a project for development: readable logs, reload on change',
  usage: `Usage: bottle dev [dir] [options]

Runs the project in dir (default: here) and reloads it when a file changes. Requests under way are finished by the
code they began with; code that does not load leaves the old code serving. Ctrl-C stops.
${POD_OPTIONS_HELP}`,
  async run(args, context) {
    const { projectDir, configFile, sidecarArgs, permission } = parsePodArguments(args, context, {
      host: '127.0.0.1',
      drainPropagationMs: 0,
      lenientGrants: true,
    });
    const logs = await createReadableLogs(process.stdout, context.env);
    const pod = await Pod.start({
      projectDir,
      sidecarArgs,
      env: context.env,
      functionProcess: createFunctionProcess({ projectDir, configFile, context, permission }),
      onLine: (_process, line) => logs.write(line),
      onErrorLine: (_process, text) => logs.say('error', text),
      onEvent: (level, message) => logs.say(level, message),
    });
    const reloader = await Reloader.start({
      projectDir,
      onChange: async (files) => {
        const names = files.map((file) => relative(projectDir, file)).join(', ');
        if (configFile && files.includes(configFile)) {
          logs.say('info', `${basename(configFile)} changed: starting the sidecar again`);
          await pod.restartSidecar();
          await pod.replaceRuntime(); // its environment has nothing that the file refers to
          return;
        }
        const startedAt = performance.now();
        const replaced = await pod.replaceRuntime();
        if (replaced) logs.say('info', `reloaded in ${Math.round(performance.now() - startedAt)} ms (${names})`);
        else logs.say('error', `${names} changed, but does not load; the code from before keeps serving`);
      },
    });
    stopOnSignals(pod, () => logs.say('info', 'stopping'));
    void pod.listening.then((ports) => greet(ports, projectDir, { logs, context }));
    const code = await pod.ended;
    await reloader.close();
    return code;
  },
};

/** What the admin port answers to GET /functions. */
interface FunctionsDocument {
  service: string;
  functions: CheckedFunction[];
  /** Undefined while no gRPC method is answered. */
  rpcPort?: number;
}

/** What a person wants to see once it runs. */
async function greet(
  { port, adminPort }: Ports,
  projectDir: string,
  { logs, context }: { logs: ReadableLogs; context: CommandContext },
): Promise<void> {
  const ready = await untilReady(adminPort);
  const headers = adminAuthorization(context.env);
  const answer = await fetch(`http://127.0.0.1:${adminPort}/functions`, { headers });
  if (!answer.ok) return logs.say('info', `serves on http://localhost:${port}; BOTTLE_ADMIN_TOKEN is not admin.token`);
  const { service, functions, rpcPort } = (await answer.json()) as FunctionsDocument;
  const examples = await examplesOf(projectDir, functions, { port, rpcPort });
  const lines = [
    '',
    `${service} ${ready ? 'is ready' : 'runs, but is not ready'} on http://localhost:${port} (admin: http://localhost:${adminPort})`,
    ...(rpcPort === undefined ? [] : [`gRPC, with reflection: localhost:${rpcPort}`]),
    '',
    functionTable(functions).trimEnd(),
    '',
    ...(examples.length > 0 ? ['Try:', ...examples.map((line) => `  ${line}`), ''] : []),
  ];
  logs.print(lines.join('\n'));
}

/** False when the pod does not get ready within ten seconds: a function that does not load, most likely. */
async function untilReady(adminPort: number): Promise<boolean> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => undefined);
    if (response?.ok) return true;
    const { missing = [] } = response ? ((await response.json()) as { missing?: string[] }) : {};
    if (missing.some((reason) => reason.includes('failed'))) return false;
    await new Promise((resolve) => setTimeout(resolve, READY_RETRY_MS));
  }
  return false;
}
