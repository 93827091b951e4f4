import { BottleError, Code } from '@bottle/protos';

/** What the client of S3 throws, as far as it matters. */
interface S3Failure extends Error {
  code?: string;
  Code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Answers that say that there is no such object. */
const MISSING: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound']);
/** The store is there, and has no time. */
const BUSY: ReadonlySet<string> = new Set(['SlowDown', 'ServiceUnavailable', 'InternalError', 'RequestTimeout']);

/** Whether the answer was that there is no such object. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && MISSING.has(thrown.name);
}

/** Whether the condition of a put did not hold, or somebody else was putting at the same time. */
export function isConditionFailure(thrown: unknown): boolean {
  return thrown instanceof Error && ['PreconditionFailed', 'ConditionalRequestConflict'].includes(thrown.name);
}

/** Whether there is no such upload any more: it was put together, or its parts were removed. */
export function isUploadOver(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'NoSuchUpload';
}

/** Whether the part that was asked for is not there. */
export function isBadRange(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'InvalidRange' || statusOf(thrown) === 416);
}

/**
 * What a call of S3 came to, as the platform's error. The store's own words stay inside: they may have credentials' names.
 * A call that was given up has the reason of that.
 */
export function fromS3Error(thrown: unknown, id: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (thrown instanceof BottleError || !(thrown instanceof Error)) return thrown;
  const status = statusOf(thrown);
  const { code } = thrown as S3Failure;
  const driverCode = status === undefined ? (code ?? thrown.name) : thrown.name;
  const details = { driverCode };
  if (status !== undefined && status < 500 && !BUSY.has(thrown.name)) {
    const message = `the store of ${id} refused: ${driverCode}`;
    return new BottleError(Code.FAILED_PRECONDITION, 'driver-error', message, { details });
  }
  const why = status === undefined ? 'does not answer' : 'is busy';
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', `the store of ${id} ${why}: ${driverCode}`, {
    details,
  });
}

function statusOf(thrown: Error): number | undefined {
  return (thrown as S3Failure).$metadata?.httpStatusCode;
}
