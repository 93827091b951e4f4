import { BottleError, type RequestDecoder, type RpcTrigger__Output } from '@bottle/protos';
import type { Metadata } from '@grpc/grpc-js';
import { idempotencyOf } from '../../idempotency-key.ts';
import { type CancelReason, errorOfCancel, Invocation, type Outcome, type UnreadBody } from '../../layer.ts';
import { attributesOf, textOf } from './call-metadata.ts';
import type { Status } from './grpc-status.ts';

/** How early a timer may be. */
const TIMER_MS = 5;

/** A method that a function of the pod answers. */
export interface RpcRoute extends RpcTrigger__Output {
  function: string;
  /** "/shop.v1.Stock/Reserve" */
  path: string;
  /** Set where an idempotency key may be in a field of the message. */
  decode: RequestDecoder | undefined;
}

/** What calls of all kinds have, as the server's library hands them over. */
export interface AnyCall {
  metadata: Metadata;
  getDeadline(): Date | number;
  getPeer(): string;
  sendMetadata(metadata: Metadata): void;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** What is told of each call when it is over. */
export interface FinishedCall {
  invocation: Invocation;
  route: RpcRoute;
  error: BottleError | undefined;
  /** Messages that were sent. */
  messages: number;
}

export interface RpcCallsOptions {
  carry(invocation: Invocation, respond: (outcome: Outcome) => Promise<void> | void): Promise<void>;
  nextId(): string;
  /** Largest message either way, in bytes. */
  maxMessageBytes: number;
  /** How an error leaves. */
  statusOf(error: BottleError, trailer: Metadata): Status;
  onFinished(call: FinishedCall): void;
}

/** A call that has begun. */
export interface OpenCall {
  invocation: Invocation;
  /** Set while a response streams: ends it. */
  onCancel: (() => void) | undefined;
}

/** The calls under way, from their first byte to their status. */
export class RpcCalls {
  readonly options: RpcCallsOptions;
  readonly #open = new Set<OpenCall>();

  constructor(options: RpcCallsOptions) {
    this.options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Gives all of them up. */
  cancelAll(reason: CancelReason): void {
    for (const open of this.#open) cancel(open, reason);
  }

  /** Makes an invocation of a call, and follows its client: when that leaves, the invocation is given up. */
  begin(route: RpcRoute, call: AnyCall, body: UnreadBody, payload: Uint8Array): OpenCall {
    const { metadata } = call;
    const deadline = Number(call.getDeadline());
    const attributes = attributesOf(route, call.getPeer(), metadata);
    const invocation = new Invocation({
      id: this.options.nextId(),
      target: {
        kind: 'event',
        function: route.function,
        contentType: 'application/protobuf',
        trigger: 'TRIGGER_KIND_RPC',
        attributes,
        idempotency: idempotencyOf(route.idempotency, {
          scope: `${route.service}/${route.method}`,
          payload,
          json: () => route.decode?.(payload),
          attributes,
          header: (name) => metadata.get(name)[0],
        }),
      },
      body,
      callerTimeoutMs: Number.isFinite(deadline) ? Math.max(1, deadline - Date.now()) : undefined,
      traceparent: textOf(metadata, 'traceparent'),
      baggage: textOf(metadata, 'baggage'),
    });
    const open: OpenCall = { invocation, onCancel: undefined };
    this.#open.add(open);
    call.on('cancelled', () => {
      if (this.#open.has(open)) cancel(open, Date.now() + TIMER_MS >= deadline ? 'deadline' : 'client-closed');
    });
    return open;
  }

  /** The call has its status, or its client has left. */
  end(open: OpenCall, route: RpcRoute, outcome: { error: BottleError | undefined; messages: number }): void {
    this.#open.delete(open);
    open.invocation.clearDeadline();
    this.options.onFinished({ invocation: open.invocation, route, ...outcome });
  }
}

function cancel(open: OpenCall, reason: CancelReason): void {
  open.invocation.cancel(reason);
  open.onCancel?.();
}

/** A request message that is here. Larger ones than a frame of the channel may be take a stream of their own. */
export function bodyOf(message: Buffer): UnreadBody {
  return {
    read: (maxBytes) =>
      message.length <= maxBytes ? { kind: 'bytes', bytes: message } : { kind: 'stream', stream: once(message) },
    abandon: () => {},
  };
}

/** A stream of one piece. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What broke off a response that had begun: whoever gave it up, or else what was thrown. */
export function brokenOff(thrown: unknown, { cancelled }: Invocation): BottleError {
  return cancelled ? errorOfCancel(cancelled) : BottleError.from(thrown);
}
