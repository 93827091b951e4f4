import { LogDestination } from '@bottle/protos/log';
import type { Command } from '../command.ts';
import { refuseMissing } from '../check-needs.ts';
import { functionEnvironment } from '../function-environment.ts';
import { createFunctionProcess, operatorFiles, refersToSecrets } from '../function-process.ts';
import { Pod } from '../pod.ts';
import { dotEnvNames, withDotEnv } from '../dot-env.ts';
import { parsePodArguments, POD_OPTIONS_HELP, projectDirIn } from '../pod-arguments.ts';
import { readProjectPlan } from '../render/project-plan.ts';
import { stopOnSignals } from '../stop-signals.ts';

const SHARED_USER =
  'functions run as the same user as the sidecar, and can read the secrets it was given: --permission, or containers, keep them apart';
const LEVELS = { info: 30, warn: 40, error: 50 } as const;

/** `bottle start`: a pod on one machine, for production. */
export const start: Command = {
  summary: 'runs a project: both processes, supervised, JSON logs',
  usage: `Usage: bottle start [dir] [options]

Runs the project in dir (default: here) as a pod on this machine. Logs are JSON lines on standard output.
SIGTERM or Ctrl-C drains and stops; a second Ctrl-C kills. Nothing starts when a file is wrong, or functions use
resources that sidecar.yml does not have. Lines that nobody reads, or that find no room on the disk, are dropped and
counted; the pod goes on.
${POD_OPTIONS_HELP}`,
  outlivesReader: true,
  async run(args, surroundings) {
    const out = new LogDestination({ fd: process.stdout.fd, process: 'bottle' });
    const errors = new LogDestination({ fd: process.stderr.fd, process: 'bottle' });
    const context = withDotEnv(surroundings, projectDirIn(args, surroundings));
    const { projectDir, configFile, inspect, sidecarArgs, permission } = parsePodArguments(args, context, {
      host: undefined,
      drainPropagationMs: 2_000,
      lenientGrants: false,
    });
    const say = (level: keyof typeof LEVELS, msg: string, fields: object = {}): void => {
      out.write(`${JSON.stringify({ level: LEVELS[level], time: Date.now(), process: 'bottle', ...fields, msg })}\n`);
    };
    const functionProcess = createFunctionProcess({ projectDir, configFile, context, permission });
    const plan = readProjectPlan(
      projectDir,
      functionEnvironment(context.env, operatorFiles({ projectDir, configFile, context })),
    );
    if (typeof plan === 'number') return plan;
    const refused = await refuseMissing(plan, { args: sidecarArgs, env: context.env, validates: true });
    if (refused !== undefined) return refused;
    const pod = await Pod.start({
      projectDir,
      sidecarArgs: () => sidecarArgs,
      env: () => context.env,
      functionProcess,
      inspect,
      develops: false,
      onLine: (_process, { text }) => out.write(`${text}\n`),
      onErrorLine: (_process, text) => errors.write(`${text}\n`),
      onEvent: say,
    });
    for (const { file, names } of dotEnvNames(projectDir)) say('info', `environment from ${file}`, { names });
    if (!permission && refersToSecrets({ projectDir, configFile, context })) say('warn', SHARED_USER);
    stopOnSignals(pod, (why) => say('info', 'stopping', { why }));
    return pod.ended;
  },
};
