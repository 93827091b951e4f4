import { type ParseArgsConfig, parseArgs } from 'node:util';
import { nearest } from './nearest.ts';

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
  /** Its work does not end when nobody reads what it prints. */
  outlivesReader?: true;
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
    throw new UsageError(inOurWords(error as NodeJS.ErrnoException, Object.keys(config.options ?? {})));
  }
}

/** Node.js explains at length how an argument may begin with a dash, which no command takes, and names no option that was meant. */
function inOurWords({ code, message }: NodeJS.ErrnoException, known: readonly string[]): string {
  const [, option = ''] = /'(?:-\w, )?(-[^\s']+)/.exec(message) ?? [];
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION': {
      const meant = nearest(option.replace(/^-+/, ''), known);
      return `there is no option "${option}"; ${meant ? `did you mean "--${meant}"?` : '--help lists them'}`;
    }
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return message.includes('does not take') ? `"${option}" does not take a value` : `"${option}" needs a value`;
    default:
      return message;
  }
}
