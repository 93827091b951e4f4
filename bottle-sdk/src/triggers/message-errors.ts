import { BottleError, Code } from '@bottle/protos';
import { type Duration, toMs } from '../duration.ts';

/** Thrown for a message that is to be forgotten: it is counted, not retried, and not kept as a dead letter. */
export class DropError extends BottleError {
  constructor(message = 'the function dropped the message') {
    super(Code.FAILED_PRECONDITION, 'drop-message', message);
  }
}

export interface RetryOptions {
  /** Instead of the trigger's own backoff. */
  after?: Duration;
  cause?: unknown;
}

/** Thrown for a message that is to be tried again at a time of the function's choice. Counts as an attempt. */
export class RetryError extends BottleError {
  constructor(message = 'the function wants the message again', { after, cause }: RetryOptions = {}) {
    if (typeof message !== 'string')
      throw new TypeError("a RetryError is made so: new RetryError('why', { after: '5m' })");
    const details = after === undefined ? {} : { afterMs: toMs(after) };
    super(Code.UNAVAILABLE, 'retry-message', message, { details, cause });
  }
}
