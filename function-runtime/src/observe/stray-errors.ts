import { BottleError, Code, type ErrorReport } from '@bottle/protos';
import { type FaaSLogger, findScope } from 'bottle-sdk';
import { CallScope } from '../bottle/call-scope.ts';
import { examinable } from '../invoke/examinable.ts';

export interface StrayErrorOptions {
  /** Fails the invocation that a scope belongs to; false when there is none. */
  blame(scope: unknown, error: BottleError): boolean;
  /** What developers get to see of an error; undefined: nothing. */
  explain: ((error: unknown) => ErrorReport) | undefined;
}

/**
 * Errors that nobody caught belong to the invocation whose code threw them, found by its async context: that one
 * fails, no other. What belongs to none, or to one that is over, is only logged. The process stays up.
 */
export function handleStrayErrors(log: FaaSLogger, { blame, explain }: StrayErrorOptions): void {
  const handle = (escaped: unknown, kind: 'uncaught-error' | 'unhandled-rejection'): void => {
    const thrown = examinable(escaped); // to throw here would end the process
    const scope = findScope();
    const invocationId = scope instanceof CallScope ? scope.origin.invocationId : undefined;
    const error = new BottleError(Code.INTERNAL, kind, 'internal error', { report: explain?.(thrown) });
    const blamed = scope !== undefined && blame(scope, error);
    log.error({ err: thrown, kind, invocationId, blamed }, 'an error was not caught');
  };
  process.on('uncaughtException', (error) => handle(error, 'uncaught-error'));
  process.on('unhandledRejection', (reason) => handle(reason, 'unhandled-rejection'));
}
