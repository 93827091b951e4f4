import { BottleError, Code, overloaded } from '@bottle/protos';
import type { Start } from './start-queue.ts';

/** How the transport and an invocation tell each other what is not the result. */
export interface Cancellation {
  /** Called by the transport when the answer is no longer wanted. */
  onCancel: ((reason: string) => void) | undefined;
  /** Called at the end of the turn in which the invocation began, unless it is answered by then. */
  started?(): void;
  /** Called when nothing of it runs any more, if its response said `unfinished`. */
  over?(): void;
}

/** An invocation that waits for its beginning, or for nothing. */
export class QueuedInvocation implements Start {
  readonly deadlineAt: number;
  isGone = false;
  readonly #onBegin: (now: number, remainingMs: number) => void;
  readonly #onFail: (error: BottleError) => void;

  /** `deadlineAt`: on the clock of performance.now(). */
  constructor(
    deadlineAt: number,
    call: Cancellation,
    handlers: { onBegin(now: number, remainingMs: number): void; onFail(error: BottleError): void },
  ) {
    this.deadlineAt = deadlineAt;
    this.#onBegin = handlers.onBegin;
    this.#onFail = handlers.onFail;
    call.onCancel = (reason) => {
      this.isGone = true;
      this.#onFail(new BottleError(Code.CANCELLED, 'cancelled', `not begun: ${reason}`));
    };
  }

  begin(now: number): void {
    this.#onBegin(now, this.deadlineAt - now);
  }

  drop(): void {
    this.isGone = true;
    this.#onFail(overloaded('the function process had no time for it before its deadline'));
  }
}
