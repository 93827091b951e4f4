import { StringDecoder } from 'node:string_decoder';
import { format } from 'node:util';
import { findScope } from 'bottle-sdk';
import { CallScope } from '../bottle/call-scope.ts';
import type { FaaSLogger } from 'bottle-sdk';

type Level = 'debug' | 'info' | 'warn' | 'error';

const CONSOLE_LEVELS = {
  log: 'info',
  info: 'info',
  debug: 'debug',
  warn: 'warn',
  error: 'error',
  trace: 'debug',
} as const;

/** Longest line that is kept whole, in characters. */
const MAX_LINE = 64 * 1024;

/**
 * Everything that functions print becomes a structured line with the id of the invocation that printed it: the console,
 * and what is written to stdout and stderr. The log itself writes to the file descriptor and is not caught.
 * `mask` sees texts whole, before they are cut.
 */
export function captureOutput(log: FaaSLogger, mask: (text: string) => string): void {
  const write = (level: Level, source: string, given: string): void => {
    const text = given.length > MAX_LINE ? mask(given) : given; // shorter ones are masked with their line
    const scope = findScope();
    const invocationId = scope instanceof CallScope ? scope.origin.invocationId : '';
    const fields = invocationId === '' ? { source } : { source, invocationId };
    log[level](fields, text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text);
  };
  for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
    Object.defineProperty(console, method, {
      configurable: true,
      writable: true,
      value: (...args: unknown[]) => write(level, 'console', format(...args)),
    });
  }
  capture(process.stdout, (line) => write('info', 'stdout', line));
  capture(process.stderr, (line) => write('error', 'stderr', line));
}

/** A function can neither end nor destroy them: they are everybody's. */
function capture(stream: NodeJS.WriteStream, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8'); // a character may come in two pieces
  let rest = '';
  const take = (chunk: string | Uint8Array): void => {
    const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    for (; rest.length > MAX_LINE; rest = rest.slice(MAX_LINE)) onLine(rest.slice(0, MAX_LINE)); // it may never end
  };
  const replacement = (chunk: string | Uint8Array, ...others: unknown[]): boolean => {
    take(chunk);
    callBack(others);
    return true;
  };
  const end = (...args: unknown[]): NodeJS.WriteStream => {
    const [chunk] = args;
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) take(chunk);
    if (rest !== '') take('\n');
    callBack(args);
    return stream;
  };
  for (const [name, value] of Object.entries({ write: replacement, end, destroy: () => stream }))
    Object.defineProperty(stream, name, { configurable: true, writable: true, value });
}

function callBack(args: readonly unknown[]): void {
  const done = args.find((arg) => typeof arg === 'function');
  if (done) process.nextTick(done);
}
