import { type BottleError, Code, saysResourceIsAway } from '@bottle/protos';

/** What became of a message at the function. */
export type Outcome =
  | { kind: 'done' }
  /** The function wants it forgotten. */
  | { kind: 'dropped' }
  /** It counts as a try; `afterMs` is the pause that the function asks for. */
  | { kind: 'failed'; error: BottleError; afterMs: number | undefined }
  /** Trying again would not help. */
  | { kind: 'refused'; error: BottleError }
  /** Not the message's fault: it does not count. `isAway`: a resource is, and further messages would fare no better. */
  | { kind: 'excused'; error: BottleError; hasCrashed: boolean; isAway?: boolean };

/** What the sidecar itself says when a function cannot be reached or has no place. */
const EXCUSES: ReadonlySet<string> = new Set([
  'channel-full',
  'client-closed',
  'connection-lost',
  'idempotency-unavailable',
  'init-failed',
  'no-delivery',
  'no-function',
  'overloaded',
  'queue-full',
  'repeats-full',
  'runtime-unavailable',
  'shutdown',
]);

export const DONE: Outcome = { kind: 'done' };

/** What an error that a message ended with means for it. */
export function outcomeOf(error: BottleError): Outcome {
  const { reason, details } = error;
  if (reason === 'drop-message') return { kind: 'dropped' };
  // An error that a bottle call of the function ended with names its resource: it is the function's.
  const isOurs = details['resource'] === undefined;
  const isThrown = details['thrown'] === true; // by the function's author, whatever the reason is called
  if (isOurs && !isThrown && EXCUSES.has(reason)) {
    return { kind: 'excused', error, hasCrashed: reason === 'connection-lost' && details['started'] === true };
  }
  if (!isOurs && !isThrown && saysResourceIsAway(error))
    return { kind: 'excused', error, hasCrashed: false, isAway: true };
  if (isOurs && isRefusal(error)) return { kind: 'refused', error };
  const { afterMs } = details;
  const isAsked = reason === 'retry-message' && typeof afterMs === 'number' && afterMs >= 0;
  return { kind: 'failed', error, afterMs: isAsked ? afterMs : undefined };
}

/**
 * The platform says it of a payload, or the function's author of the message, on purpose. What a bottle call was refused with, or a
 * library's error has as its status, tells of that call: its table, its server, its rights may be there the next time.
 */
function isRefusal({ code, reason }: BottleError): boolean {
  return code === Code.INVALID_ARGUMENT && reason !== 'function-error';
}
