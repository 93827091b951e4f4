import { randomBytes } from 'node:crypto';
import { BottleError, Code, type Request__Output } from '@bottle/protos';
import { type Bottle, createBottle, type FaaSLogger } from 'bottle-sdk';
import type { CallOrigin } from '../bottle/bottle-link.ts';
import { CallScope, type CallServices } from '../bottle/call-scope.ts';
import type { ReplyEntries } from '../rpc/reply-entries.ts';
import type { ContextHost } from './base-context.ts';
import type { ResponseState } from './http-context.ts';
import type { TemporaryDirectory } from './temporary-directory.ts';
import { TemporaryFiles } from './temporary-files.ts';

/** What the runtime lends to each invocation. */
export interface InvocationServices extends CallServices {
  temporaryDirectory: TemporaryDirectory;
  logger(fields: object): FaaSLogger;
}

/**
 * One invocation from its request to its answer. It fails at most once, by whoever comes first: the deadline, a
 * cancel, an error that escaped from its code. Failing aborts `signal` and gives up its bottle calls.
 */
export class ActiveInvocation extends CallScope implements ContextHost {
  readonly request: Request__Output;
  readonly deadline: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** On the clock of performance.now(). */
  readonly begunAt: number;
  isPlain = false;
  /** Its code has returned or thrown. */
  hasReturned = false;
  /** Called when it has. */
  onReturn: (() => void) | undefined;
  /** Its answer is out, streams included, and its code has returned. */
  isOver = false;
  httpResponse: ResponseState | undefined;
  /** Called with the error when the invocation fails from outside its function. */
  onFail: ((error: BottleError) => void) | undefined;
  readonly #services: InvocationServices;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #failure: BottleError | undefined;
  #controller: AbortController | undefined;
  #logger: FaaSLogger | undefined;
  #bottle: Bottle | undefined;
  #reply: ReplyEntries | undefined;
  #temporaryFiles: TemporaryFiles | undefined;

  constructor(
    request: Request__Output,
    env: Readonly<Record<string, string | undefined>>,
    timeoutMs: number,
    services: InvocationServices,
    begunAt: number = performance.now(),
  ) {
    const deadline = Date.now() + timeoutMs;
    super(new RequestOrigin(request), services, deadline);
    this.request = request;
    this.env = env;
    this.deadline = deadline;
    this.begunAt = begunAt;
    this.#services = services;
    this.#timeoutMs = timeoutMs;
  }

  /** Watches its deadline, from the end of the turn in which it began: many are over by then, and need no timer. */
  watchDeadline(): void {
    if (this.#failure || this.deadlineMs === Number.POSITIVE_INFINITY) return;
    const leftMs = Math.ceil(this.begunAt + this.#timeoutMs - performance.now());
    this.#timer = setTimeout(expire, Math.max(1, leftMs), this, this.#timeoutMs);
  }

  get invocationId(): string {
    return this.request.invocationId;
  }

  get functionName(): string {
    return this.request.target;
  }

  get traceparent(): string {
    return this.origin.traceparent;
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

  get reply(): ReplyEntries {
    this.#reply ??= { metadata: new Map(), trailer: new Map() };
    return this.#reply;
  }

  /** Undefined when the function has added nothing to its response. */
  get replySoFar(): ReplyEntries | undefined {
    return this.#reply;
  }

  get temporaryFiles(): TemporaryFiles {
    if (!this.#temporaryFiles) {
      this.#temporaryFiles = new TemporaryFiles(this.#services.temporaryDirectory, this.logger);
      if (this.isOver || this.#failure) this.#temporaryFiles.remove();
    }
    return this.#temporaryFiles;
  }

  get failure(): BottleError | undefined {
    return this.#failure;
  }

  fail(error: BottleError): void {
    if (this.#failure) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#controller?.abort(error);
    this.close(() => error);
    this.#temporaryFiles?.remove();
    this.onFail?.(error);
  }

  /** Its code has returned or thrown. */
  returned(): void {
    this.hasReturned = true;
    this.onReturn?.();
  }

  /** The head of the response is out: the deadline has been met. */
  meetDeadline(): void {
    clearTimeout(this.#timer);
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }

  /** The answer is out, streams included: bottle calls that nobody awaited are given up, locks given back. */
  end(): void {
    this.isOver = true;
    this.close(invocationOver);
    this.over();
    this.#temporaryFiles?.remove();
  }
}

/** What bottle calls say of the invocation they belong to. The trace context is made when one is first needed. */
class RequestOrigin implements CallOrigin {
  readonly #request: Request__Output;
  #traceparent: string | undefined;

  constructor(request: Request__Output) {
    this.#request = request;
  }

  get invocationId(): string {
    return this.#request.invocationId;
  }
  get functionName(): string {
    return this.#request.target;
  }
  get baggage(): string {
    return this.#request.baggage;
  }
  /** The caller's, or a new trace whose id is the invocation's. */
  get traceparent(): string {
    const { traceparent, invocationId } = this.#request;
    this.#traceparent ??= traceparent || `00-${invocationId}-${randomBytes(8).toString('hex')}-01`;
    return this.#traceparent;
  }
}

function invocationOver(): BottleError {
  return new BottleError(Code.CANCELLED, 'invocation-over', 'the invocation is over');
}

function expire(invocation: ActiveInvocation, timeoutMs: number): void {
  invocation.fail(
    new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', `the function did not answer within ${timeoutMs} ms`),
  );
}
