import { BottleError, Code, type Response, type TriggerKind } from '@bottle/protos';
import { type IdempotentEvent, Invocation, type Outcome, type ResponseStream } from './layer.ts';

/** An event for a function of this pod, from wherever it comes. */
interface FunctionEvent {
  /** Thirty-two hex digits, unique. @default a new one */
  id?: string | undefined;
  function: string;
  contentType: string;
  body: Buffer;
  /** Milliseconds that the caller waits; 0 when it did not say. */
  timeoutMs: number;
  traceparent: string;
  baggage: string;
  /** The function that calls; empty for the outside world. */
  caller: string;
  /** The functions whose calls lead to it, outermost first. @default none */
  callers?: readonly string[] | undefined;
  /** What started it. @default TRIGGER_KIND_EVENT */
  trigger?: TriggerKind;
  /** What the trigger says of it: alternating name and value. */
  attributes?: readonly string[];
  /**
   * The trigger's idempotency rule and the key that this event has, by the one line
   * `idempotency: idempotencyOf(trigger.idempotency, { scope: `${topic}/${group}`, payload: value, key, header })`
   * of idempotency-key.ts; undefined without a rule. Then a repeated event is answered what the first one was, and a
   * key that is missing or used by another payload throws INVALID_ARGUMENT.
   */
  idempotency?: IdempotentEvent | undefined;
  /** How many of the function's places it takes. @default 1 */
  places?: number | undefined;
  /** It asks for what has begun already: it takes a place even where there is none. */
  isUnderWay?: boolean | undefined;
  /** Called when the event is about to be sent; when it rejects, the function does not get it. */
  beforeDispatch?: (() => Promise<void>) | undefined;
  /** Called when nothing of it runs any more: with the answer, as a rule; later when it was given up and its code goes on. */
  onOver?: (() => void) | undefined;
  /** Aborts when the answer is no longer wanted. */
  signal: AbortSignal;
}

export interface EventCarrierOptions {
  carry(invocation: Invocation, respond: (outcome: Outcome) => Promise<void> | void): Promise<void>;
  nextId(): string;
  /** Largest result, in bytes. */
  maxResultBytes: number;
}

/** Takes events the way of every request. Answers a response with its whole body; a function's error is part of it. */
export type CarryEvent = (event: FunctionEvent) => Promise<Response>;

export function createEventCarrier({ carry, nextId, maxResultBytes }: EventCarrierOptions): CarryEvent {
  return async function carryEvent(event) {
    const { body, signal, contentType, trigger = 'TRIGGER_KIND_EVENT', attributes = [], idempotency } = event;
    const invocation = new Invocation({
      id: event.id ?? nextId(),
      target: { kind: 'event', function: event.function, contentType, trigger, attributes, idempotency },
      body: { read: () => ({ kind: 'bytes', bytes: body }), abandon: () => {} },
      callerTimeoutMs: event.timeoutMs > 0 ? event.timeoutMs : undefined,
      traceparent: event.traceparent,
      baggage: event.baggage,
      caller: event.caller,
      callers: event.callers,
    });
    invocation.beforeDispatch = event.beforeDispatch;
    invocation.places = event.places ?? 1;
    invocation.isUnderWay = event.isUnderWay ?? false;
    let streaming: ResponseStream | undefined;
    const onAbort = (): void => {
      invocation.cancel('client-closed');
      streaming?.cancel();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    let answer: Response = {};
    try {
      await carry(invocation, async ({ response, stream }) => {
        streaming = stream;
        if (signal.aborted) onAbort();
        answer = stream ? { ...response, streamed: false, body: await collect(stream, maxResultBytes) } : response;
      });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      invocation.clearDeadline();
      if (event.onOver && invocation.place) invocation.place.whenFree(event.onOver);
      else event.onOver?.();
    }
    return answer;
  };
}

/** The whole of a result that is large, or that the function streamed. Throws RESOURCE_EXHAUSTED beyond `maxBytes`. */
export async function collect(stream: ResponseStream, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream.chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      stream.cancel();
      const message = `the result is larger than ${maxBytes} bytes`;
      throw new BottleError(Code.RESOURCE_EXHAUSTED, 'result-too-large', message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
