// What a capability is made of: a contract (protos), methods that translate its messages into calls of a port, and
// drivers that implement the port. The sidecar and the SDK's testing fake serve the same methods.
import type { CallOutcome, CapabilityName } from '@bottle/protos';

/** What every driver has, beside the methods of its port. */
export interface Driver {
  /** Why it cannot be used at the moment; undefined while it can. */
  readonly problem: string | undefined;
  /** What an operator should look at although it can be used. */
  readonly warning?: string | undefined;
  /** One round trip to whatever it talks to. Rejects when there is no answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What the policy and the grants need to know of a call. */
export interface CallFacts {
  /** For metrics and errors: "get", "publish". */
  readonly operation: string;
  /** One of the capability's accesses, as a grant names it. */
  readonly access: string;
  /** Sending it twice does no harm, and the second answer is as good as the first: the platform may do it. */
  readonly repeatable: boolean;
  /** Sending it twice does no harm, and the answers differ: its caller may do it. */
  readonly idempotent?: boolean;
}

/** A process that makes calls. */
export interface CallerProcess {
  /** `giveBack` is called when the process is gone, unless it has given it back itself. */
  holds(what: string, giveBack: () => Promise<unknown>): void;
  holdsNoMore(what: string): void;
}

/** What a call brings beside its message. */
export interface CallContext {
  /** The resource as the function named it: "sessions", "stock/reserve". */
  readonly resource: string;
  /** The function that calls; empty outside an invocation. */
  readonly caller: string;
  readonly invocationId: string;
  /** Undefined where it is not known. */
  readonly process?: CallerProcess | undefined;
  readonly traceparent: string;
  readonly baggage: string;
  /** The caller may only read. */
  readonly readOnly: boolean;
  /** Milliseconds that the caller still waits; 0 when it did not say. */
  readonly timeoutMs: number;
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  /** Set by a driver while the call waits in a line of the platform's own: when that takes long, it is not the target's fault. */
  isQueued?: boolean;
  /** What has been done so far, where the method or the driver knows it: for whoever learns that the call has failed. */
  outcome?: CallOutcome | undefined;
  /** Set where `CallFacts.idempotent` cannot say it: by the method of an HTTP request. */
  isIdempotent?: boolean;
}

/** One message, one answer. */
export interface UnaryMethod<D, Request = never, Response = object> {
  readonly kind: 'unary';
  facts(request: Request): CallFacts;
  serve(driver: D, request: Request, call: CallContext): Promise<Response>;
}

/** Messages either way. The iterable that `serve` returns is read no faster than the other side takes it. */
export interface StreamMethod<D, Request = never, Response = object> {
  readonly kind: 'stream';
  readonly facts: CallFacts;
  /** Lives as long as somebody listens, and asks nothing of the resource meanwhile: counted apart from calls. */
  readonly isLasting?: boolean;
  serve(driver: D, requests: AsyncIterable<Request>, call: CallContext): AsyncIterable<Response>;
}

export type Method<D> = UnaryMethod<D> | StreamMethod<D>;

/** A capability without its drivers. */
export interface Capability<D extends Driver = Driver> {
  readonly name: CapabilityName;
  /** What a grant may be limited to: the first one reads only, the last one allows everything. */
  readonly accesses: readonly string[];
  /** By the method's name in the .proto file, first letter small. */
  readonly methods: Readonly<Record<string, Method<D>>>;
}

/** The only message of a call that sends one. */
export async function firstOf<Message>(messages: AsyncIterable<Message>): Promise<Message | undefined> {
  for await (const message of messages) return message;
  return undefined;
}
