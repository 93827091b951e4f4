// What `POST /functions/:name/invoke` makes of its body, so that a function that is started by a queue, a schedule or
// an event can be called by hand.
import { randomUUID } from 'node:crypto';
import {
  BottleError,
  Code,
  createMessageCodecs,
  DELIVERY_TYPE,
  fromWireError,
  type FunctionInfo,
  type Response__Output,
  type TriggerKind,
} from '@bottle/protos';

/** What the body is taken for: itself, a message's value, a tick's payload, a CloudEvent or its data, a signed request's. */
export type ManualKind = 'event' | 'mq' | 'timer' | 'cloudevent' | 'gateway';

const KINDS: ReadonlySet<unknown> = new Set<ManualKind>(['event', 'mq', 'timer', 'cloudevent', 'gateway']);

/** The rest of an event target. */
export interface ManualEvent {
  trigger: TriggerKind;
  contentType: string;
  attributes: string[];
  body: Buffer;
  /** The function takes several at once. */
  isBatch?: boolean;
}

/** The kind that was asked for. Throws INVALID_ARGUMENT for one that there is not. */
export function parseManualKind(text: string | undefined): ManualKind | undefined {
  if (text === undefined) return undefined;
  if (KINDS.has(text)) return text as ManualKind;
  throw new BottleError(Code.INVALID_ARGUMENT, 'bad-query', `as is "${text}": expected ${[...KINDS].join(', ')}`);
}

/** The event for a function; without a kind, that of its only trigger. */
export function manualEventOf(
  info: FunctionInfo | undefined,
  { kind, contentType, body }: { kind: ManualKind | undefined; contentType: string; body: Buffer },
): ManualEvent {
  switch (kind ?? onlyKindOf(info)) {
    case 'mq':
      return messageOf(info, contentType, body);
    case 'timer':
      return tickOf(info, body);
    case 'cloudevent':
      return cloudEventOf(info, body);
    case 'gateway':
      return gatewayRequestOf(info, contentType, body);
    default:
      return { trigger: 'TRIGGER_KIND_EVENT', contentType, attributes: [], body };
  }
}

/** Throws what a function that takes batches said of its message. */
export function throwFailure({ trigger, isBatch }: ManualEvent, { body }: Response__Output): void {
  if (trigger !== 'TRIGGER_KIND_MQ' || !isBatch) return;
  const [failure] = createMessageCodecs().decodeFailures(body);
  if (failure?.error) throw fromWireError(failure.error);
}

function onlyKindOf(info: FunctionInfo | undefined): ManualKind {
  if (!info || info.http.length + info.rpc.length > 0) return 'event';
  const kinds: ManualKind[] = [];
  if (info.mq.length > 0) kinds.push('mq');
  if (info.timers.length > 0) kinds.push('timer');
  if (info.cloudEvents.length > 0) kinds.push('cloudevent');
  if (info.gateway.length > 0) kinds.push('gateway');
  const [only = 'event'] = kinds;
  return kinds.length === 1 ? only : 'event';
}

function messageOf(info: FunctionInfo | undefined, contentType: string, body: Buffer): ManualEvent {
  const { topic = 'manual', batch = 0 } = info?.mq[0] ?? {};
  const record = {
    partition: 0,
    offset: 0n,
    key: undefined,
    value: body,
    headers: [{ name: 'content-type', value: Buffer.from(contentType) }],
    timestampMs: Date.now(),
  };
  return {
    trigger: 'TRIGGER_KIND_MQ',
    contentType: batch > 0 ? DELIVERY_TYPE.list : DELIVERY_TYPE.one,
    attributes: ['topic', topic, 'partition', '0', 'offset', '0', 'attempt', '1', 'manual', 'true'],
    body: createMessageCodecs().encodeDelivery({ topic, messages: [{ record, attempt: 1 }] }),
    isBatch: batch > 0,
  };
}

function tickOf(info: FunctionInfo | undefined, body: Buffer): ManualEvent {
  const { name = 'manual', payloadJson = '' } = info?.timers[0] ?? {};
  const attributes = ['schedule', name, 'scheduledAt', new Date().toISOString(), 'manual', 'true'];
  attributes.push('shardIndex', '0', 'shardCount', '1');
  return {
    trigger: 'TRIGGER_KIND_TIMER',
    contentType: 'application/json',
    attributes,
    body: body.length > 0 ? body : Buffer.from(payloadJson),
  };
}

function cloudEventOf(info: FunctionInfo | undefined, body: Buffer): ManualEvent {
  const given = body.length > 0 ? parseJson(body) : undefined;
  const type = info?.cloudEvents[0]?.types.find((each) => !each.includes('*')) ?? 'manual';
  const defaults = { specversion: '1.0', id: randomUUID(), source: '/bottle/invoke', time: new Date().toISOString() };
  const event: Record<string, unknown> = isCloudEvent(given)
    ? { ...defaults, ...given }
    : { ...defaults, type, datacontenttype: 'application/json', data: given };
  const attributes = ['id', 'source', 'type', 'subject'].flatMap((name) => {
    const value = event[name];
    return typeof value === 'string' ? [name, value] : [];
  });
  return {
    trigger: 'TRIGGER_KIND_CLOUDEVENT',
    contentType: 'application/cloudevents+json',
    attributes,
    body: Buffer.from(JSON.stringify(event)),
  };
}

/** From nobody's app; nobody is signed in. */
function gatewayRequestOf(info: FunctionInfo | undefined, contentType: string, body: Buffer): ManualEvent {
  const { api = 'manual', version = '1.0' } = info?.gateway[0] ?? {};
  const attributes = ['api', api, 'version', version, 'appKey', '', 'device', ''];
  return { trigger: 'TRIGGER_KIND_GATEWAY', contentType, attributes, body };
}

function isCloudEvent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'specversion' in value && 'type' in value;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new BottleError(Code.INVALID_ARGUMENT, 'not-json', `the event is not JSON: ${(cause as Error).message}`);
  }
}
