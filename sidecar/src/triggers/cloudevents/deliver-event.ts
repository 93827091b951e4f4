import { BottleError, type CloudEventsTrigger__Output, Code, fromWireError } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import { idempotencyOf } from '../../idempotency-key.ts';
import type { ProtocolRequest } from '../../layer.ts';
import type { EventJudge } from './event-judge.ts';
import { attributeOf, EVENT_TYPE, type JsonEvent, mediaTypeOf } from './json-event.ts';

/** A function that wants events. */
export interface Subscription {
  functionName: string;
  trigger: CloudEventsTrigger__Output;
}

/** An event for a function. */
export interface Delivery {
  event: JsonEvent;
  subscription: Subscription;
  /** Undefined: a new one. */
  invocationId: string | undefined;
}

/** What became of it: maybe an event in return, or an error. */
export interface Delivered {
  functionName: string;
  reply?: JsonEvent | undefined;
  error?: BottleError | undefined;
}

const NAMED_ATTRIBUTES = ['id', 'source', 'type', 'subject'];

/** What a context says of an event in `ctx.attributes`: alternating name and value. */
export function attributesOf(event: JsonEvent): string[] {
  return NAMED_ATTRIBUTES.flatMap((name) => (event[name] === undefined ? [] : [name, attributeOf(event, name)]));
}

/** Takes an event to a function; never throws. */
export async function deliverEvent(
  { event, subscription: { functionName, trigger }, invocationId }: Delivery,
  { http, signal, timeoutMs, traceparent, baggage, id }: ProtocolRequest,
  { carryEvent, judge }: { carryEvent: CarryEvent; judge: EventJudge },
): Promise<Delivered> {
  const body = Buffer.from(JSON.stringify(event));
  const attributes = attributesOf(event);
  try {
    const answer = await carryEvent({
      id: invocationId,
      function: functionName,
      contentType: EVENT_TYPE,
      body,
      timeoutMs,
      traceparent: traceparent || attributeOf(event, 'traceparent') || traceOf(invocationId, id),
      baggage,
      caller: '',
      trigger: 'TRIGGER_KIND_CLOUDEVENT',
      attributes,
      idempotency: idempotencyOf(trigger.idempotency, {
        scope: `cloudevents/${attributeOf(event, 'source')}`, // an id is unique for its source
        payload: dataBytesOf(event),
        json: () => event['data'],
        header: (name) => headerOf(http.headers, name),
        attributes,
        id: attributeOf(event, 'id'),
      }),
      signal,
    });
    if (answer.error) return { functionName, error: fromWireError(answer.error as never) };
    return { functionName, reply: replyOf(answer.value?.contentType ?? '', answer.body as Buffer, judge) };
  } catch (thrown) {
    return { functionName, error: BottleError.from(thrown) };
  }
}

/** What a repeat has to bring again. The envelope may differ: a sender may write another time on each try. */
function dataBytesOf(event: JsonEvent): Buffer {
  return Buffer.from(JSON.stringify([event['type'], event['data'], event['data_base64']]));
}

/** Invocations with ids of their own share the request's trace. */
function traceOf(invocationId: string | undefined, requestId: string): string {
  return invocationId === undefined ? `00-${requestId}-${requestId.slice(16)}-01` : '';
}

function headerOf(headers: readonly string[], wanted: string): string | undefined {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === wanted);
  return at === -1 ? undefined : headers[at + 1];
}

/** The event that a function returned; any other result is not for the sender. */
function replyOf(contentType: string, body: Buffer, judge: EventJudge): JsonEvent | undefined {
  if (mediaTypeOf(contentType) !== EVENT_TYPE) return undefined;
  const reply = JSON.parse(body.toString()) as JsonEvent;
  const complaints = judge({ event: reply, complaints: [] });
  if (complaints.length === 0) return reply;
  const message = 'the function returned an invalid CloudEvent';
  throw new BottleError(Code.INTERNAL, 'invalid-cloudevent-reply', message, { details: { complaints } });
}
