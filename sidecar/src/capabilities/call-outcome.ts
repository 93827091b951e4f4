// What a bottle call that failed has done all the same, and so whether it may be made again.
import type { CallFacts } from '@bottle/capabilities';
import { BottleError, type CallOutcome, Code } from '@bottle/protos';
import type { BrokerCall } from './broker-call.ts';

/** The target was asked, and did not get to say what it did. */
const UNHEARD: ReadonlySet<string> = new Set(['connection-lost', 'resource-unavailable']);
/** Nobody said anything, or something that was not meant to be said. */
const UNCERTAIN: ReadonlySet<Code> = new Set([
  Code.CANCELLED,
  Code.DATA_LOSS,
  Code.DEADLINE_EXCEEDED,
  Code.INTERNAL,
  Code.UNKNOWN,
]);

/** How far a call had come. */
type Progress = Pick<BrokerCall, 'hasBegun' | 'mayBeDone' | 'outcome' | 'isIdempotent'>;

/** A driver that knows better says so in `details.outcome`, or, of what never left, `details.started: false`. */
function outcomeOf(error: BottleError, facts: CallFacts | undefined, progress: Progress): CallOutcome {
  const { outcome = progress.outcome, started } = error.details;
  const isReading = facts?.access === 'read' && facts.repeatable;
  if (!progress.hasBegun || isReading) return 'not-done';
  if (outcome === 'done') return 'done';
  if (progress.mayBeDone) return 'unknown';
  if (outcome === 'not-done' || outcome === 'unknown') return outcome;
  if (started === false) return 'not-done';
  if (error.reason === 'driver-error') return 'not-done'; // a refusal, whatever its code
  return UNCERTAIN.has(error.code) || UNHEARD.has(error.reason) ? 'unknown' : 'not-done';
}

/**
 * A failure as its caller shall see it: with `resource` and `operation`, what was done (`outcome`), and whether the call may
 * be made again (`retryable`). One that may have happened and must not happen twice is `outcome-unknown`.
 */
export function withOutcome(
  error: BottleError,
  named: { resource: string; operation: string },
  facts: CallFacts | undefined,
  progress: Progress,
): BottleError {
  const { cause, httpStatus, details } = error;
  const outcome = outcomeOf(error, facts, progress);
  const isHarmless = facts?.repeatable === true || facts?.idempotent === true || progress.isIdempotent;
  const isSafe = outcome === 'not-done' || (outcome === 'unknown' && isHarmless);
  const told = { ...named, ...details, outcome };
  if (outcome === 'unknown' && error.code === Code.UNAVAILABLE && facts?.repeatable === false) {
    const message = `${error.message}; it may have been done`;
    return new BottleError(Code.UNKNOWN, 'outcome-unknown', message, {
      details: { ...told, retryable: isSafe },
      cause,
    });
  }
  const retryable = error.retryable && isSafe;
  return new BottleError(error.code, error.reason, error.message, {
    details: { ...told, retryable },
    cause,
    httpStatus,
  });
}
