import type { LogLine } from './child.ts';

type Level = 'info' | 'warn' | 'error';
const COLOURS: Readonly<Record<Level, number>> = { info: 36, warn: 33, error: 31 };

export interface ReadableLogs {
  /** A line of one of the processes. */
  write(line: LogLine): void;
  /** A line of the CLI itself. */
  say(level: Level, message: string): void;
  /** Text as it is. */
  print(text: string): void;
}

/** Log lines for people. Colours only on a terminal, and not with NO_COLOR. */
export async function createReadableLogs(
  out: NodeJS.WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadableLogs> {
  const { prettyFactory } = await import('pino-pretty');
  const colorize = out.isTTY && !env['NO_COLOR'];
  const pretty = prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'process,method,path,status,durationMs,bytes,invocationId,source,traceId',
    messageFormat: (log, messageKey) => describe(log, String(log[messageKey])),
    singleLine: true,
  });
  const paint = (level: Level, text: string): string =>
    colorize ? `\u001B[${COLOURS[level]}m${text}\u001B[39m` : text;
  return {
    write({ fields, text }) {
      if (!fields) out.write(`${text}\n`);
      else if (isForPeople(fields)) out.write(pretty(fields));
    },
    say(level, message) {
      out.write(`${paint(level, 'bottle')} ${message}\n`);
    },
    print(text) {
      out.write(`${text}\n`);
    },
  };
}

/** Requests, what functions say, and whatever went wrong; not the processes' talk among themselves. */
function isForPeople({ level, msg, invocationId, source }: Readonly<Record<string, unknown>>): boolean {
  return Number(level) >= 40 || msg === 'request' || invocationId !== undefined || source !== undefined;
}

/** "GET /items 200 3.1 ms", or what the function printed. */
function describe(log: Readonly<Record<string, unknown>>, message: string): string {
  const { method, path, status, durationMs } = log as Readonly<Record<string, string | undefined>>;
  if (message === 'request' && status !== undefined) return `${method} ${path} ${status} ${durationMs} ms`;
  return message;
}
