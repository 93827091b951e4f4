import { BottleError, Code } from '@bottle/protos';

/** How long the head of an answer is waited for. Time in which the request's body makes progress does not count. */
export class Patience {
  /** Aborts when it is exhausted, or when nobody waits any more. */
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt: number = performance.now();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number, callSignal: AbortSignal) {
    const exhausted = new AbortController();
    this.#timeoutMs = timeoutMs;
    this.#timer = setTimeout(() => {
      const message = `the resource did not answer within ${timeoutMs} ms`;
      exhausted.abort(new BottleError(Code.DEADLINE_EXCEEDED, 'resource-timeout', message));
    }, timeoutMs);
    this.signal = AbortSignal.any([callSignal, exhausted.signal]);
  }

  /** Milliseconds that are left without any progress. */
  get leftMs(): number {
    return Math.max(0, this.#startedAt + this.#timeoutMs - performance.now());
  }

  /** The body made progress. */
  refresh(): void {
    this.#timer.refresh();
  }

  /** The head is here: only the call's own signal counts from now on. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
