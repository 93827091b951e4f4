// What the stages of the request path hand to each other. A request passes them in this order, first one first:
// ingress → route → body → admission → channel. Each stage demands the type that the stage before it makes, so a wrong
// order does not compile. Routing comes before admission because every limit belongs to a function.
import {
  BottleError,
  type CallProgress,
  Code,
  type FunctionInfo,
  type FunctionTable__Output,
  type Idempotency__Output,
  type Response__Output,
  type TriggerKind,
} from '@bottle/protos';
import type { CorsRule } from './cors-rule.ts';
import { validBaggage, validTraceparent } from './trace-context.ts';

/** Bytes that arrive while they are read. Reading slowly slows the sender. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A request body that nobody has read yet. */
export interface UnreadBody {
  /**
   * Reads until the end or until more than `maxBytes` have come, whichever is first; 0 asks for a stream in any case.
   * What was read is part of the result either way. Throws BottleError when the body is larger than `limitBytes` (0: no limit) or breaks off.
   */
  read(maxBytes: number, limitBytes: number): Promise<Body> | Body;
  /** Makes a read that is under way throw this. */
  abandon(error: BottleError): void;
}

/** A request body that is here, or that streams. */
export type Body = { kind: 'bytes'; bytes: Buffer } | { kind: 'stream'; stream: ByteStream };

/** The head of an HTTP request, for the function. Lists alternate name and value. */
export interface HttpHead {
  method: string;
  url: string;
  headers: string[];
  /** The media type of the body; empty when the client named none. */
  contentType: string;
  host: string;
  remoteAddress: string;
}

/** What an invocation is for: a route to look up, or a function by name. */
export type Target =
  | { kind: 'http'; http: HttpHead }
  | {
      kind: 'event';
      function: string;
      contentType: string;
      /** @default TRIGGER_KIND_EVENT */
      trigger?: TriggerKind;
      /** Alternating name and value. */
      attributes?: readonly string[];
      /** Set when the trigger has an idempotency rule. */
      idempotency?: IdempotentEvent | undefined;
    };

/** What an event brings to its trigger's idempotency rule; see `idempotencyOf`. */
export interface IdempotentEvent {
  rule: Idempotency__Output;
  /** Keeps equal keys of different senders apart: "<topic>/<group>", "<service>/<method>". */
  scope: string;
  /** What the rule's expression found; undefined: nothing. */
  key: string | undefined;
  /** The payload that a repeat must bring again. */
  payload: Uint8Array;
  /** Those of the sender, which a repeat must bring again; empty: none. */
  credentials: string;
}

/** Why an invocation was given up. */
export type CancelReason = 'client-closed' | 'deadline' | 'shutdown';

const NO_CALLERS: readonly string[] = [];

/** One request in the neutral form that every protocol is parsed into. */
export class Invocation {
  /** Thirty-two hex digits, unique; the trace id where the caller brought none. */
  readonly id: string;
  readonly target: Target;
  readonly body: UnreadBody;
  /** Milliseconds that the caller is willing to wait; undefined when it did not say. */
  readonly callerTimeoutMs: number | undefined;
  readonly traceparent: string;
  readonly baggage: string;
  /** The function that calls; empty for the outside world. */
  readonly caller: string;
  /** The functions whose calls lead to it, outermost first; empty for the outside world. */
  readonly callers: readonly string[];
  /** On the clock of performance.now(). */
  readonly receivedAt: number = performance.now();
  /** The function's name once it is routed: for logs and metrics. */
  functionName = '';
  cancelled: CancelReason | undefined;
  /** What every answer says to browsers, whoever gives it; set once it is known. */
  cors: CorsRule | undefined;
  /** Called when it has its place and is about to be sent, for the first time; when it rejects, nothing is sent. */
  beforeDispatch: (() => Promise<void>) | undefined;
  /** How many of its function's places it takes. */
  places = 1;
  /** What it holds of its function, once it does. */
  place: Place | undefined;
  /** It asks for what has begun already: it takes its places even where there are none. */
  isUnderWay = false;
  /** Its caller lends it a place: it waits for its turn to begin, and for no other place. */
  hasLentPlace = false;
  /** Set by the stage that waits; it must settle when this is called. */
  onCancel: ((reason: CancelReason) => void) | undefined;
  #deadlineAt = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(init: {
    id: string;
    target: Target;
    body: UnreadBody;
    callerTimeoutMs?: number | undefined;
    traceparent?: string | undefined;
    baggage?: string | undefined;
    caller?: string | undefined;
    callers?: readonly string[] | undefined;
  }) {
    this.id = init.id;
    this.target = init.target;
    this.body = init.body;
    this.callerTimeoutMs = init.callerTimeoutMs;
    this.traceparent = validTraceparent(init.traceparent);
    this.baggage = validBaggage(init.baggage);
    this.caller = init.caller ?? '';
    this.callers = init.callers ?? NO_CALLERS;
  }

  /** Whole milliseconds until the deadline, at least 1 while it has not passed. */
  get remainingMs(): number {
    return Math.max(0, Math.ceil(this.#deadlineAt - performance.now()));
  }

  /** Sets the deadline, counted from when the request was received, lowered by what the caller asked for. */
  setTimeout(timeoutMs: number): void {
    clearTimeout(this.#timer);
    const allowedMs = Math.min(timeoutMs, this.callerTimeoutMs ?? timeoutMs);
    this.#deadlineAt = this.receivedAt + allowedMs;
    this.#timer = setTimeout(expire, this.remainingMs, this);
  }

  /** No deadline from here on: the response has begun. */
  clearDeadline(): void {
    clearTimeout(this.#timer);
  }

  /** Gives the invocation up; only the first reason counts. */
  cancel(reason: CancelReason): void {
    if (this.cancelled) return;
    this.cancelled = reason;
    clearTimeout(this.#timer);
    this.onCancel?.(reason);
  }

  /** Throws what `cancelled` means, if it is set. */
  throwIfCancelled(): void {
    if (this.cancelled) throw errorOfCancel(this.cancelled);
  }
}

function expire(invocation: Invocation): void {
  invocation.cancel('deadline');
}

/** What a given-up invocation is told. */
export function errorOfCancel(reason: CancelReason): BottleError {
  if (reason === 'deadline') return new BottleError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
  if (reason === 'shutdown') return new BottleError(Code.UNAVAILABLE, 'shutdown', 'the pod has stopped');
  return new BottleError(Code.CANCELLED, 'client-closed', 'the client closed the request');
}

/** An invocation whose function is known. */
export interface Routed {
  readonly invocation: Invocation;
  readonly function: FunctionInfo;
  /** Alternating name and decoded value. */
  readonly params: readonly string[];
  /** The pattern that matched; empty for an invocation by name. */
  readonly route: string;
  /** The function's timeout, lowered by the route's. */
  readonly timeoutMs: number;
  /** The function wants the request body as a stream. */
  readonly streamsBody: boolean;
  /** A request that comes again gets the answer of the first one; null: it is run again. */
  readonly idempotency: Idempotency__Output | null;
  /** Which pages may read the answer; undefined: what the function says alone counts. */
  readonly cors: CorsRule | undefined;
}

/** A routed invocation whose body is here or streaming. */
export interface Loaded extends Routed {
  readonly loadedBody: Body;
}

/**
 * What an invocation holds of its function. From `sent` until `over` or `lost` the function process has it, whatever becomes of
 * its caller.
 */
export interface Place extends CallProgress {
  /** It cannot be sent for the time being. */
  hold(): void;
  /** It is about to be written: to the batched stream, or `alone`, by an RPC of its own. */
  sent(alone?: boolean): void;
  /** Its answer has come, and it is not over: it streams. */
  answered(): void;
  /** Its caller has been answered, or has left. Free, unless the function process has it. */
  leave(): void;
  /** Called when it is free, before anybody else gets it, with how long it was taken; at once when it is. */
  whenFree(callback: (takenMs: number) => void): void;
}

/** An invocation that holds a place of its function. */
export interface Admitted extends Loaded {
  readonly place: Place;
}

/** How much a function has to do, in places. */
export interface FunctionLoad {
  name: string;
  /** What the function process has. */
  inFlight: number;
  /** The same by the function process's own count; undefined while that is not to be had. */
  inProcess: number | undefined;
  /** What of it nobody waits for any more. */
  abandoned: number;
  /** Requests that wait for a place. */
  waiting: number;
}

/** What comes back. A stream must be read to its end, or `cancel`led. */
export interface Outcome {
  response: Response__Output;
  stream?: ResponseStream | undefined;
}

export interface ResponseStream {
  chunks: ByteStream;
  cancel(): void;
}

/** Something besides HTTP that starts invocations. It follows the function table. */
export interface TriggerSource {
  /** Invocations under way. */
  readonly inFlight: number;
  /** The functions changed: begins, changes or ends what they ask for. Returns at once. */
  apply(table: FunctionTable__Output): void;
  /** Whether the function container takes invocations at the moment. While it does not, nothing new is started. */
  setServing(serving: boolean): void;
  /** Starts nothing new; resolves when what is under way is finished and recorded. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** A protocol on top of HTTP with paths of its own: CloudEvents, the signed gateway. It follows the function table. */
export interface HttpProtocol {
  /** Whether any function asks for it. While none does, nothing else of it is looked at. */
  readonly isActive: boolean;
  apply(table: FunctionTable__Output): void;
  /** Whether this request is its own; all others go to the routes. */
  claims(http: HttpHead): boolean;
  /** Throws BottleError for what is to be answered with a problem document. */
  answer(request: ProtocolRequest): Promise<HttpAnswer>;
}

/** A request of such a protocol. */
export interface ProtocolRequest {
  /** Thirty-two hex digits: the request's, and that of the invocation it becomes. */
  readonly id: string;
  readonly http: HttpHead;
  readonly traceparent: string;
  readonly baggage: string;
  /** Milliseconds that the caller waits; 0 when it did not say. */
  readonly timeoutMs: number;
  /** Aborts when the client has left, or the time for the body is over. */
  readonly signal: AbortSignal;
  /** A header as the client sent it, the platform's own included. Repeated ones are joined by ", ". */
  header(name: string): string | undefined;
  /** Call it once. Throws BottleError when the body is too large, breaks off or does not come. */
  readBody(): Promise<Buffer>;
}

/** What becomes of such a request. */
export interface HttpAnswer {
  /** The function that answered; empty when it was none, or several. For logs and metrics. */
  readonly functionName: string;
  /** What went wrong. Without a response of the protocol's own, the client gets it as a problem document. */
  readonly error?: BottleError | undefined;
  readonly response?: HttpAnswerMessage | undefined;
}

/** A response with its whole body. */
export interface HttpAnswerMessage {
  readonly status: number;
  /** Alternating lower-case name and value, without the length. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}
