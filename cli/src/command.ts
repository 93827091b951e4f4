import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a command gets of its surroundings. */
export interface CommandContext {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/** One word after `bottle`. */
export interface Command {
  /** One line for the overview. */
  summary: string;
  /** The whole help text. */
  usage: string;
  /** Returns the exit code. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** The command line was wrong; the message says how. Exit code 64 (EX_USAGE). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** parseArgs, with its errors as UsageError. */
export function parse<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
