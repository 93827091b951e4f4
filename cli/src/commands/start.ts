import type { Command } from '../command.ts';
import { Pod } from '../pod.ts';
import { parsePodArguments, POD_OPTIONS_HELP } from '../pod-arguments.ts';
import { stopOnSignals } from '../stop-signals.ts';

const LEVELS = { info: 30, warn: 40, error: 50 } as const;

/** `bottle start`: a pod on one machine, for production. */
export const start: Command = {
  summary: 'runs a project: both processes, supervised, JSON logs',
  usage: `Usage: bottle start [dir] [options]

Runs the project in dir (default: here) as a pod on this machine. Logs are JSON lines on standard output.
SIGTERM or Ctrl-C drains and stops; a second Ctrl-C kills.
${POD_OPTIONS_HELP}`,
  async run(args, context) {
    const { projectDir, sidecarArgs } = parsePodArguments(args, context, {
      host: undefined,
      drainPropagationMs: 2_000,
      lenientGrants: false,
    });
    const say = (level: keyof typeof LEVELS, msg: string, fields: object = {}): void => {
      process.stdout.write(
        `${JSON.stringify({ level: LEVELS[level], time: Date.now(), process: 'bottle', ...fields, msg })}\n`,
      );
    };
    const pod = await Pod.start({
      projectDir,
      sidecarArgs,
      env: context.env,
      onLine: (_process, { text }) => void process.stdout.write(`${text}\n`),
      onErrorLine: (_process, text) => void process.stderr.write(`${text}\n`),
      onEvent: say,
    });
    stopOnSignals(pod, () => say('info', 'stopping'));
    return pod.ended;
  },
};
