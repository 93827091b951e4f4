import { BottleError, type CallError, Code, LASTING_REASONS, saysResourceIsAway } from '@bottle/protos';
import type { ActiveInvocation } from './active-invocation.ts';

/** When a client that was told that a dependency fails may come again. */
const RETRY_AFTER_SEC = 1;

/** Later, the same call may succeed. */
const PASSING_CODES: ReadonlySet<Code> = new Set([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.RESOURCE_EXHAUSTED,
  Code.ABORTED,
]);

/** Whose errors only operators get to see, in dead letters and in the history of a schedule. */
const OPERATORS_TRIGGERS: ReadonlySet<string> = new Set(['TRIGGER_KIND_MQ', 'TRIGGER_KIND_TIMER']);

/**
 * What a bottle call that nobody caught makes of its invocation: never the caller's fault, whatever the call was refused
 * with. The code says whether trying again can help, the words nothing of the inside; all of that is in one line of the log.
 */
export function errorOfFailedCall(error: CallError, { request, logger, remainingMs }: ActiveInvocation): BottleError {
  const { resource, operation, driverCode } = error.details;
  const fields = { resource, operation, driverCode };
  // The sidecar has said once that the resource is away; the message waits, and asks every two seconds.
  if (request.trigger === 'TRIGGER_KIND_MQ' && saysResourceIsAway(error))
    logger.warn({ ...fields, reason: error.reason, detail: error.message }, 'a message waits for a resource');
  else logger.error({ err: error, ...fields }, 'a bottle call failed, and the function did not catch it');
  if (error.reason === 'deadline' && remainingMs <= 0) return error; // the invocation's own
  if (error.reason === 'call-depth') return tooDeep(error);
  if (OPERATORS_TRIGGERS.has(request.trigger)) return errorForOperators(error);
  if (!isPassing(error)) return new BottleError(Code.INTERNAL, 'function-error', 'internal error');
  const message = 'something that the function needs does not answer, or is busy: try again later';
  const details = { retryAfterSec: RETRY_AFTER_SEC };
  if (error.reason === 'overloaded') return new BottleError(Code.UNAVAILABLE, 'overloaded', message, { details });
  return new BottleError(Code.UNAVAILABLE, 'dependency-unavailable', message, { details });
}

/** Whoever began the chain learns of it: none of those in between can do anything about it. */
function tooDeep({ code, reason, message, httpStatus, details: { chain } }: CallError): BottleError {
  return new BottleError(code, reason, message, { httpStatus, details: chain === undefined ? {} : { chain } });
}

/** The same, with all that is known of it. */
export function errorForOperators(error: CallError): BottleError {
  const { reason, message, details } = error;
  return new BottleError(isPassing(error) ? Code.UNAVAILABLE : Code.INTERNAL, reason, message, { details });
}

function isPassing({ code, reason }: CallError): boolean {
  return PASSING_CODES.has(code) && !LASTING_REASONS.has(reason);
}
