import { format } from 'node:util';
import type { Logger } from 'pino';

const LEVELS = { log: 'info', info: 'info', debug: 'debug', trace: 'debug', warn: 'warn', error: 'error' } as const;

/** What libraries print to the console, and what Node.js warns of, are lines of the log. */
export function captureConsole(log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>): void {
  for (const [method, level] of Object.entries(LEVELS)) {
    Object.defineProperty(console, method, {
      configurable: true,
      writable: true,
      value: (...args: unknown[]) => log[level]({ source: 'console' }, format(...args)),
    });
  }
  process.removeAllListeners('warning'); // Node.js' own prints it
  process.on('warning', ({ name, message, stack }) => log.warn({ source: 'node', warning: name, stack }, message));
}
