// Endpoints: POST and OPTIONS on the path of every `cloudevents` trigger that has one, "/events" unless it says another.
import { BottleError, Code, type FunctionTable__Output } from '@bottle/protos';
import type { CarryEvent } from '../../event-invocation.ts';
import type { HttpAnswer, HttpHead, HttpProtocol, ProtocolRequest } from '../../layer.ts';
import { type Arrival, type Delivered, deliverEvent, type Subscription } from './deliver-event.ts';
import { answerBatch, answerOne, type EventResult, unwanted } from './delivery-results.ts';
import { wants } from './event-filter.ts';
import { type EventJudge, loadEventJudge } from './event-judge.ts';
import { parseHttpEvents } from './http-events.ts';
import { invalidEvent, type JsonEvent, type ParsedEvent } from './json-event.ts';
import { answerHandshake } from './webhook-handshake.ts';

/** Events of one batch under way at once. */
const BATCH_CONCURRENCY = 32;

export interface CloudEventsOptions {
  carryEvent: CarryEvent;
  /** Who may send, as the webhook handshake is told; "*" stands for anything. */
  allowedOrigins: readonly string[];
  /** One delivery to one function. */
  observe(functionName: string, outcome: 'ok' | 'failed'): void;
}

/** CloudEvents over HTTP. An event goes to every function whose filters it passes. */
export function createCloudEvents({ carryEvent, allowedOrigins, observe }: CloudEventsOptions): HttpProtocol {
  let byPath = new Map<string, Subscription[]>();
  let judging: Promise<EventJudge> | undefined;

  async function answer(request: ProtocolRequest): Promise<HttpAnswer> {
    const { http } = request;
    if (http.method === 'OPTIONS') return { functionName: '', response: answerHandshake(request, allowedOrigins) };
    const subscriptions = byPath.get(pathOf(http)) ?? [];
    judging ??= loadEventJudge();
    const [body, judge] = await Promise.all([request.readBody(), judging]);
    const received = parseHttpEvents(http.headers, http.contentType, body);
    const deliver = (event: JsonEvent, alone: boolean): Promise<EventResult> =>
      deliverToAll(event, subscriptions, { request, judge, alone });
    if ('event' in received) {
      const complaints = judge(received);
      if (complaints.length > 0) throw invalidEvent(complaints);
      return answerOne(await deliver(received.event, true));
    }
    const events = assertBatch(received, judge);
    return answerBatch(await severalAtOnce(events, (event) => deliver(event, events.length === 1)));
  }

  async function deliverToAll(
    event: JsonEvent,
    subscriptions: readonly Subscription[],
    { request, judge, alone }: { request: ProtocolRequest; judge: EventJudge; alone: boolean },
  ): Promise<EventResult> {
    const takers = takersOf(event, subscriptions);
    if (takers.length === 0) return { event, delivered: [{ functionName: '', error: unwanted(event) }] };
    const { id, http, traceparent, baggage, timeoutMs, signal } = request;
    const isSame = alone && takers.length === 1; // one request, one invocation: they share their id
    const arrival: Arrival = {
      invocationId: isSame ? id : undefined,
      traceparent: traceparent || (isSame || event['traceparent'] !== undefined ? '' : traceOf(id)),
      baggage,
      timeoutMs,
      header: (name) => headerOf(http, name),
      attributes: [],
      signal,
    };
    const deliveries = takers.map(async (subscription): Promise<Delivered> => {
      const delivered = await deliverEvent(event, subscription, arrival, { carryEvent, judge });
      observe(subscription.functionName, delivered.error ? 'failed' : 'ok');
      return delivered;
    });
    return { event, delivered: await Promise.all(deliveries) };
  }

  return {
    get isActive() {
      return byPath.size > 0;
    },
    apply(table) {
      byPath = subscriptionsOf(table);
    },
    claims: (http) => (http.method === 'POST' || http.method === 'OPTIONS') && byPath.has(pathOf(http)),
    answer,
  };
}

function subscriptionsOf(table: FunctionTable__Output): Map<string, Subscription[]> {
  const all = table.functions.flatMap(({ name, cloudEvents }) =>
    cloudEvents.flatMap((trigger) => (trigger.path === '' ? [] : [{ functionName: name, trigger }])),
  );
  return Map.groupBy(all, ({ trigger }) => trigger.path);
}

/** Each function once, however many of its triggers want the event. */
function takersOf(event: JsonEvent, subscriptions: readonly Subscription[]): Subscription[] {
  const wanting = subscriptions.filter(({ trigger }) => wants(trigger, event));
  return [...new Map(wanting.map((subscription) => [subscription.functionName, subscription])).values()];
}

/** Each event of a batch is looked at before any runs. Throws BottleError with what is wrong with each. */
function assertBatch(parsed: readonly ParsedEvent[], judge: EventJudge): JsonEvent[] {
  const invalid = parsed.flatMap((item, index) => {
    const complaints = judge(item);
    const { id } = item.event;
    return complaints.length > 0 ? [{ index, ...(typeof id === 'string' ? { id } : {}), complaints }] : [];
  });
  if (invalid.length === 0) return parsed.map(({ event }) => event);
  const message = `${invalid.length} of ${parsed.length} events are invalid; none has run`;
  throw new BottleError(Code.INVALID_ARGUMENT, 'invalid-cloudevent', message, { details: { events: invalid } });
}

/** Runs a bounded number at once; results stand in the order of the items. */
async function severalAtOnce<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(BATCH_CONCURRENCY, items.length) }, worker));
  return results;
}

/** A trace for several invocations of one request. */
function traceOf(requestId: string): string {
  return `00-${requestId}-${requestId.slice(16)}-01`;
}

function headerOf({ headers }: HttpHead, wanted: string): string | undefined {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === wanted);
  return at === -1 ? undefined : headers[at + 1];
}

function pathOf({ url }: HttpHead): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
