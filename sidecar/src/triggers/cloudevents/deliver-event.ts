import { BottleError, type CloudEventsTrigger__Output, Code, fromWireError, parseExactJson } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import { idempotencyOf } from '../../idempotency-key.ts';
import type { EventJudge } from './event-judge.ts';
import { attributeOf, EVENT_TYPE, type JsonEvent, mediaTypeOf } from './json-event.ts';

/** A function that wants events. */
export interface Subscription {
  functionName: string;
  trigger: CloudEventsTrigger__Output;
}

/** How an event came. */
export interface Arrival {
  /** Undefined: the invocation gets a new id. */
  invocationId: string | undefined;
  /** The trace that it belongs to where the event names none itself; empty: none. */
  traceparent: string;
  baggage: string;
  /** Milliseconds that the sender waits; 0 when it did not say. */
  timeoutMs: number;
  /** A header of the request or the message that it came in. */
  header(name: string): string | undefined;
  /** For `ctx.attributes`, beside those of the event: alternating name and value. */
  attributes: readonly string[];
  signal: AbortSignal;
}

/** What became of it: maybe an event in return, or an error. */
export interface Delivered {
  functionName: string;
  reply?: JsonEvent | undefined;
  error?: BottleError | undefined;
}

const NAMED_ATTRIBUTES = ['id', 'source', 'type', 'subject'];

/** Takes a valid event to a function; never throws. */
export async function deliverEvent(
  event: JsonEvent,
  { functionName, trigger }: Subscription,
  arrival: Arrival,
  { carryEvent, judge }: { carryEvent: CarryEvent; judge: EventJudge },
): Promise<Delivered> {
  const { invocationId, timeoutMs, baggage, header, signal } = arrival;
  const attributes = [...attributesOf(event), ...arrival.attributes];
  try {
    const answer = await carryEvent({
      id: invocationId,
      function: functionName,
      contentType: EVENT_TYPE,
      body: Buffer.from(JSON.stringify(event)),
      timeoutMs,
      traceparent: arrival.traceparent || attributeOf(event, 'traceparent'),
      baggage,
      caller: '',
      trigger: 'TRIGGER_KIND_CLOUDEVENT',
      attributes,
      idempotency: idempotencyOf(trigger.idempotency, {
        scope: `cloudevents/${attributeOf(event, 'source')}`, // an id is unique for its source
        payload: dataBytesOf(event),
        json: () => event['data'],
        header,
        attributes,
        id: attributeOf(event, 'id'),
      }),
      signal,
    });
    if (answer.error) return { functionName, error: fromWireError(answer.error) };
    return { functionName, reply: replyOf(answer.value?.contentType ?? '', answer.body as Buffer, judge) };
  } catch (thrown) {
    return { functionName, error: BottleError.from(thrown) };
  }
}

function attributesOf(event: JsonEvent): string[] {
  return NAMED_ATTRIBUTES.flatMap((name) => (event[name] === undefined ? [] : [name, attributeOf(event, name)]));
}

/** What a repeat has to bring again. The envelope may differ: a sender may write another time on each try. */
function dataBytesOf(event: JsonEvent): Buffer {
  return Buffer.from(JSON.stringify([event['type'], event['data'], event['data_base64']]));
}

/** The event that a function returned; any other result is not for the sender. */
function replyOf(contentType: string, body: Buffer, judge: EventJudge): JsonEvent | undefined {
  if (mediaTypeOf(contentType) !== EVENT_TYPE) return undefined;
  const reply = parseExactJson(body.toString()) as JsonEvent;
  const complaints = judge({ event: reply, complaints: [] });
  if (complaints.length === 0) return reply;
  const message = 'the function returned an invalid CloudEvent';
  throw new BottleError(Code.INTERNAL, 'invalid-cloudevent-reply', message, { details: { complaints } });
}
