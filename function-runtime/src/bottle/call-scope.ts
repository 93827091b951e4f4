import {
  BATCHED_CALLS,
  BottleError,
  CallError,
  Code,
  type MessageStream,
  type Request,
  type Response__Output,
  type Settled,
  fromWireError,
} from '@bottle/protos';
import type { BottleScope, ProcessScope, ScopeAttachment, ScopedCall, ScopedStream } from 'bottle-sdk';
import type { BottleLink, CallOrigin } from './bottle-link.ts';

/** How long a call waits for a sidecar that is not connected (yet). */
const MAX_WAIT_FOR_SIDECAR_MS = 5_000;

/** What all scopes of a process share. */
export interface CallServices {
  link: BottleLink;
  process: ProcessScope;
}

/**
 * What bottle calls belong to: who makes them, until when, and what of them is under way. Closing it gives all of that
 * up, and refuses further calls.
 */
export class CallScope implements BottleScope {
  readonly origin: CallOrigin;
  protected readonly callServices: CallServices;
  /** Unix time in milliseconds; Infinity for none. */
  protected deadlineMs: number;
  #closed: (() => BottleError) | undefined;
  #underWay: Set<(error: BottleError) => void> | undefined;
  #attached: Set<ScopeAttachment> | undefined;

  constructor(origin: CallOrigin, services: CallServices, deadlineMs: number) {
    this.origin = origin;
    this.callServices = services;
    this.deadlineMs = deadlineMs;
  }

  get process(): ProcessScope {
    return this.callServices.process;
  }

  get caller(): string {
    return this.origin.functionName;
  }

  /** Milliseconds until the deadline. */
  get remainingMs(): number {
    return this.deadlineMs === Number.POSITIVE_INFINITY ? this.deadlineMs : Math.max(0, this.deadlineMs - Date.now());
  }

  async call(call: ScopedCall): Promise<Buffer> {
    const remainingMs = this.#admit(call.signal, call.timeoutMs);
    const { link } = this.callServices;
    const peer = link.peer ?? (await link.untilPeer(Math.min(remainingMs, MAX_WAIT_FOR_SIDECAR_MS)).catch(rethrow));
    if (call.body.length > peer.welcome.bodyThresholdBytes) return await this.#callAlone(call);
    const { invocationId, functionName, traceparent, baggage } = this.origin;
    const request: Request = {
      target: call.target,
      invocationId,
      timeoutMs: remainingMs === Number.POSITIVE_INFINITY ? 0 : Math.ceil(remainingMs),
      traceparent,
      baggage,
      caller: functionName,
      body: call.body,
    };
    const pending = peer.welcome.features.includes(BATCHED_CALLS)
      ? peer.caller.call(request)
      : link.callUnary(peer, request);
    let givenUp: BottleError | undefined;
    const giveUp = (error: BottleError): void => {
      givenUp = error;
      pending.cancel('cancelled');
    };
    const release = this.#track(giveUp, call);
    const settled = await pending.settled;
    release();
    const response = responseOf(settled, givenUp);
    return response.ticket === '' ? response.body : await link.collect(peer, response.ticket);
  }

  /** A message that is larger than a frame may be: a gRPC call of its own, so that it holds up nobody else's. */
  async #callAlone({ path, resource, body, signal, timeoutMs }: ScopedCall): Promise<Buffer> {
    const stream = this.open({ path, resource, signal, timeoutMs });
    await stream.send(body);
    stream.end();
    for await (const answer of stream) return answer;
    throw new CallError(Code.INTERNAL, 'channel-protocol', 'the call ended without an answer');
  }

  open({ path, resource, signal, timeoutMs }: ScopedStream): MessageStream {
    const remainingMs = this.#admit(signal, timeoutMs);
    const { link } = this.callServices;
    const { peer } = link;
    if (!peer) throw new CallError(Code.UNAVAILABLE, 'no-sidecar', 'the sidecar is not connected');
    const stream = link.open(peer, path, resource, this.origin, Date.now() + remainingMs);
    let givenUp: BottleError | undefined;
    const giveUp = (error: BottleError): void => {
      givenUp = error;
      stream.cancel();
    };
    const release = this.#track(giveUp, { signal, timeoutMs });
    async function* messages(): AsyncGenerator<Buffer> {
      try {
        yield* stream;
      } catch (error) {
        throw CallError.of(givenUp ?? error);
      } finally {
        release();
      }
    }
    const iterator = messages();
    return {
      send: (message) => stream.send(message).catch(rethrow),
      end: () => stream.end(),
      cancel() {
        release();
        stream.cancel();
      },
      [Symbol.asyncIterator]: () => iterator,
    };
  }

  derive({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined }): BottleScope & Disposable {
    const deadlineMs = Math.min(this.deadlineMs, Date.now() + timeoutMs);
    const derived = new DerivedScope(this, this.origin, this.callServices, deadlineMs);
    const release = this.#track((error) => derived.close(() => error), { signal, timeoutMs: deadlineMs - Date.now() });
    return Object.assign(derived, {
      [Symbol.dispose]() {
        release();
        derived.close(() => new CallError(Code.CANCELLED, 'cancelled', 'the scope has ended'));
        derived.over();
      },
    });
  }

  attach(attachment: ScopeAttachment): () => void {
    this.#attached ??= new Set();
    const attached = this.#attached.add(attachment);
    const release = this.#track((error) => attachment.onClose(error), {});
    if (this.#closed) attachment.onClose(this.#closed());
    return () => {
      release();
      attached.delete(attachment);
    };
  }

  /**
   * Gives up what is under way, and refuses what comes later. Only the first reason counts. It is made when somebody has
   * to be told: an error costs as much as the rest of a small invocation.
   */
  close(reason: () => BottleError): void {
    if (this.#closed) return;
    this.#closed = reason;
    if (!this.#underWay || this.#underWay.size === 0) return;
    const error = reason();
    for (const giveUp of this.#underWay) giveUp(error);
    this.#underWay = undefined;
  }

  /** Nothing of it runs any more. */
  over(): void {
    const attached = this.#attached;
    this.#attached = undefined;
    for (const { onOver } of attached ?? []) onOver();
  }

  /** Milliseconds that a call may take. Throws when it may not begin. */
  #admit(signal: AbortSignal | undefined, timeoutMs: number | undefined): number {
    if (this.#closed) throw CallError.of(this.#closed());
    if (signal?.aborted) throw errorOfSignal(signal);
    const remainingMs = Math.min(this.remainingMs, timeoutMs ?? Number.POSITIVE_INFINITY);
    if (remainingMs <= 0) throw errorOfDeadline();
    return remainingMs;
  }

  /** Calls `giveUp` when the scope closes, the signal aborts or the time is over; returns what ends that. */
  #track(
    giveUp: (error: BottleError) => void,
    { signal, timeoutMs }: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  ): () => void {
    this.#underWay ??= new Set();
    const underWay = this.#underWay;
    underWay.add(giveUp);
    if (!signal && timeoutMs === undefined) return () => underWay.delete(giveUp);
    const onAbort = (): void => giveUp(errorOfSignal(signal));
    signal?.addEventListener('abort', onAbort, { once: true });
    const finite = timeoutMs !== undefined && timeoutMs < 2 ** 31;
    const timer = finite ? setTimeout(() => giveUp(errorOfDeadline()), timeoutMs) : undefined;
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      underWay.delete(giveUp);
    };
  }
}

/** A scope within another one; `parent` is what errors are blamed on. */
export class DerivedScope extends CallScope {
  readonly parent: CallScope;

  constructor(parent: CallScope, origin: CallOrigin, services: CallServices, deadlineMs: number) {
    super(origin, services, deadlineMs);
    this.parent = parent instanceof DerivedScope ? parent.parent : parent;
  }
}

function responseOf(settled: Settled, givenUp: BottleError | undefined): Response__Output {
  switch (settled.kind) {
    case 'response':
      if (settled.response.error) throw fromWireError(settled.response.error, CallError);
      return settled.response;
    case 'cancelled':
      throw CallError.of(givenUp ?? new CallError(Code.CANCELLED, 'cancelled', 'the call was given up'));
    case 'refused':
      throw CallError.of(settled.error);
    case 'lost': {
      const message = `the connection to the sidecar broke: ${settled.reason}`;
      throw new CallError(Code.UNAVAILABLE, 'connection-lost', message);
    }
  }
}

function rethrow(error: unknown): never {
  throw CallError.of(error);
}

function errorOfDeadline(): CallError {
  return new CallError(Code.DEADLINE_EXCEEDED, 'deadline', 'the deadline has passed');
}

function errorOfSignal(signal: AbortSignal | undefined): CallError {
  const reason: unknown = signal?.reason;
  if (reason instanceof BottleError) return CallError.of(reason);
  if (reason instanceof DOMException && reason.name === 'TimeoutError') return errorOfDeadline();
  return new CallError(Code.CANCELLED, 'cancelled', 'the call was given up');
}
