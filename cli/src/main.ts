// The `bottle` command. Exit codes: 0 done, 1 the function or the pod refused, or a build is too big, 64 bad usage, 69 a
// port is taken or no pod answers, 70 code does not load, 74 the output cannot be written, 78 bad configuration, 130 killed by a second Ctrl-C.
import { type Command, UsageError } from './command.ts';
import { build } from './commands/build.ts';
import { check } from './commands/check.ts';
import { config } from './commands/config.ts';
import { dev } from './commands/dev.ts';
import { init } from './commands/init.ts';
import { invoke } from './commands/invoke.ts';
import { render } from './commands/render.ts';
import { resources } from './commands/resources.ts';
import { start } from './commands/start.ts';
import { switchCommand } from './commands/switch.ts';
import { dlq } from './commands/dlq.ts';
import { mq } from './commands/mq.ts';
import { timer } from './commands/timer.ts';
import { nearest } from './nearest.ts';
import { ownVersion } from './version.ts';

const EX_IOERR = 74;

const COMMANDS: Readonly<Record<string, Command>> = {
  dev,
  start,
  init,
  invoke,
  check,
  build,
  render,
  resources,
  config,
  switch: switchCommand,
  timer,
  mq,
  dlq,
};

async function main(argv: readonly string[]): Promise<number> {
  const asked = argv[0] === 'help' && argv[1] !== undefined ? [argv[1], '--help'] : argv; // `bottle help dev`
  const [name, ...rest] = asked;
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  watchReader(command?.outlivesReader ?? false);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return name === undefined ? 64 : 0;
  }
  if (name === '--version' || name === '-v' || name === 'version') {
    process.stdout.write(`${ownVersion()}\n`);
    return 0;
  }
  if (!command) {
    const meant = nearest(name, Object.keys(COMMANDS));
    throw new UsageError(`there is no command "${name}"${meant ? `; did you mean "${meant}"?` : ''}`);
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.usage);
    return 0;
  }
  return command.run(rest, { env: process.env, cwd: process.cwd() });
}

/** Whoever reads the output may have seen enough (`bottle check | head`): that is the end, and no error. */
function watchReader(isOutlived: boolean): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (isOutlived) return;
      if (code === 'EPIPE') process.exit();
      if (stream === process.stdout) process.stderr.write(`bottle: the output cannot be written: ${message}\n`);
      process.exit(EX_IOERR);
    });
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  bottle ${name.padEnd(10)} ${summary}`);
  return ['Usage: bottle <command> [options]', '', ...lines, '', 'bottle <command> --help says more.', ''].join('\n');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`bottle: ${error.message}\n`);
  process.exitCode = 64;
}
