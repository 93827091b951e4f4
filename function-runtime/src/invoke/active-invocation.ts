import { BottleError, Code, type Request__Output } from '@bottle/protos';
import { type Bottle, createBottle, type FaaSLogger, type InvocationScope, type ScopedCall } from 'bottle-sdk';
import type { ContextHost } from './base-context.ts';

/** What the runtime lends to each invocation. */
export interface InvocationServices {
  logger(fields: object): FaaSLogger;
  call(call: ScopedCall, invocation: ActiveInvocation): Promise<Buffer>;
}

/**
 * One invocation from its request to its answer. It fails at most once, by whoever comes first: the deadline, a
 * cancel, an error that escaped from its code. Failing aborts `signal`.
 */
export class ActiveInvocation implements InvocationScope, ContextHost {
  readonly request: Request__Output;
  readonly deadline: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its answer is out, streams included. */
  isOver = false;
  /** Called with the error when the invocation fails from outside its function. */
  onFail: ((error: BottleError) => void) | undefined;
  readonly #services: InvocationServices;
  readonly #timer: NodeJS.Timeout | undefined;
  #failure: BottleError | undefined;
  #controller: AbortController | undefined;
  #logger: FaaSLogger | undefined;
  #bottle: Bottle | undefined;

  constructor(
    request: Request__Output,
    env: Readonly<Record<string, string | undefined>>,
    timeoutMs: number,
    services: InvocationServices,
  ) {
    this.request = request;
    this.env = env;
    this.deadline = Date.now() + timeoutMs;
    this.#services = services;
    this.#timer = setTimeout(expire, timeoutMs, this, timeoutMs);
  }

  get invocationId(): string {
    return this.request.invocationId;
  }

  /** Made when it is first asked for: most functions never look. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#failure) this.#controller.abort(this.#failure);
    }
    return this.#controller.signal;
  }

  get logger(): FaaSLogger {
    this.#logger ??= this.#services.logger({ invocationId: this.invocationId, function: this.request.target });
    return this.#logger;
  }

  get bottle(): Bottle {
    this.#bottle ??= createBottle(() => this);
    return this.#bottle;
  }

  get failure(): BottleError | undefined {
    return this.#failure;
  }

  call(call: ScopedCall): Promise<Buffer> {
    return this.#services.call(call, this);
  }

  /** Milliseconds until the deadline. */
  get remainingMs(): number {
    return Math.max(0, this.deadline - Date.now());
  }

  fail(error: BottleError): void {
    if (this.#failure) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#controller?.abort(error);
    this.onFail?.(error);
  }

  /** The head of the response is out: the deadline has been met. */
  meetDeadline(): void {
    clearTimeout(this.#timer);
  }
}

function expire(invocation: ActiveInvocation, timeoutMs: number): void {
  invocation.fail(
    new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', `the function did not answer within ${timeoutMs} ms`),
  );
}
