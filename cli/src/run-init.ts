// `init` alone, for `npm create bottle` and for versions of Node.js that the rest of the command does not run on: what it
// imports has to run there as well.
import { type CommandContext, UsageError } from './command.ts';
import { init } from './commands/init.ts';

/** Makes a project. Prints what is wrong with the arguments, under the name that the user knows; returns the exit code. */
export async function runInit(args: readonly string[], name: string, context: CommandContext): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(init.usage.replaceAll('bottle init', name));
    return 0;
  }
  try {
    return await init.run(args, context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bottle: ${error.message.replaceAll('bottle init', name)}\n`);
    return 64;
  }
}
