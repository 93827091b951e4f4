import type { CallContext, CallerProcess } from '@bottle/capabilities';
import { BottleError, type CallOutcome, Code } from '@bottle/protos';
import type { BulkheadPlace } from './bulkhead.ts';

export interface BrokerCallInit {
  caller: string;
  invocationId: string;
  traceparent: string;
  baggage: string;
  timeoutMs: number;
  process?: CallerProcess | undefined;
}

/** One bottle call on its way: what it knows of its caller, and whether anybody still waits for it. */
export class BrokerCall implements CallContext {
  /** Set when the target is understood. */
  resource = '';
  readonly caller: string;
  readonly invocationId: string;
  readonly process: CallerProcess | undefined;
  readonly traceparent: string;
  readonly baggage: string;
  readonly timeoutMs: number;
  readOnly = false;
  isQueued = false;
  /** A driver was asked. */
  hasBegun = false;
  outcome: CallOutcome | undefined;
  isIdempotent = false;
  /** An attempt that failed may have done what it was for. */
  mayBeDone = false;
  #cancelled: BottleError | undefined;
  #controller: AbortController | undefined;
  /** Set by the stage that waits: called once, when the call is given up. */
  onCancel: ((error: BottleError) => void) | undefined;
  /** Set by the broker: called when work that ran on after the call was given up has ended. */
  onOver: (() => void) | undefined;
  #worksOn = false;
  /** Set by the policy: called when it was the resource that took too long. */
  onExpire: ((error: BottleError, call: BrokerCall) => void) | undefined;

  constructor(init: BrokerCallInit) {
    this.caller = init.caller;
    this.invocationId = init.invocationId;
    this.process = init.process;
    this.traceparent = init.traceparent;
    this.baggage = init.baggage;
    this.timeoutMs = init.timeoutMs;
  }

  /** Made when it is first asked for: most drivers cannot give up a call half way. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(this.#cancelled);
    }
    return this.#controller.signal;
  }

  /** Nobody waits any more. Only the first reason counts. */
  cancel(error: BottleError): void {
    if (this.#cancelled) return;
    this.#cancelled = error;
    this.#controller?.abort(error);
    this.onCancel?.(error);
  }

  /** The resource took too long. */
  expire(timeoutMs: number): void {
    const message = `the resource did not answer within ${timeoutMs} ms`;
    if (this.#cancelled) return;
    const details = this.isQueued ? { started: false } : {};
    const error = new BottleError(Code.DEADLINE_EXCEEDED, 'resource-timeout', message, { details });
    this.cancel(error);
    this.onExpire?.(error, this);
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#cancelled;
  }

  /** What the work comes to, or what the call was given up with, whichever is first. */
  untilCancelled<Result>(work: () => Promise<Result>): Promise<Result> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const settle =
        <Outcome>(pass: (outcome: Outcome) => void): ((outcome: Outcome) => void) =>
        (outcome) => {
          signal.removeEventListener('abort', onAbort);
          pass(outcome);
        };
      work().then(settle(resolve), settle(reject));
    });
  }

  /** It was given up, and its work goes on: the driver cannot stop half way. */
  get worksOn(): boolean {
    return this.#worksOn;
  }

  /**
   * Rejects when the work takes longer than this, or nobody waits any more; the work is told by the signal. The place is left
   * when the work itself has ended, or never began.
   */
  within<Result>(timeoutMs: number, work: () => Promise<Result>, place: BulkheadPlace): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#cancelled) {
        place.leave();
        reject(this.#cancelled);
        return;
      }
      const timer = setTimeout(expire, timeoutMs, this, timeoutMs);
      let hasEnded = false;
      this.onCancel = (error) => {
        clearTimeout(timer);
        if (!hasEnded) {
          this.#worksOn = true;
          place.abandon();
        }
        reject(error);
      };
      const settle =
        <Outcome>(pass: (outcome: Outcome) => void): ((outcome: Outcome) => void) =>
        (outcome) => {
          clearTimeout(timer);
          hasEnded = true;
          place.leave();
          pass(outcome);
          if (!this.#worksOn) return;
          this.#worksOn = false;
          this.onOver?.();
        };
      work().then(settle(resolve), settle(reject));
    });
  }
}

function expire(call: BrokerCall, timeoutMs: number): void {
  call.expire(timeoutMs);
}
