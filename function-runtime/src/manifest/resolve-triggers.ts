import type {
  CloudEventsTrigger__Output,
  Cors__Output,
  GatewayTrigger__Output,
  HttpRoute__Output,
  Idempotency__Output,
  MqTrigger__Output,
  TimerTrigger__Output,
} from '@bottle/protos';
import { resolveCors } from './cors-schema.ts';
import { toMs } from './field-schemas.ts';
import type { RawFunction } from './manifest-schema.ts';
import type {
  RawCloudEvents,
  RawGateway,
  RawHttp,
  RawIdempotency,
  RawMq,
  RawRpc,
  RawTimer,
} from './trigger-schemas.ts';

/** A method of a .proto file in the project. What it looks like is known when the file is loaded. */
export interface RpcSpec extends Pick<RawRpc, 'proto' | 'service' | 'method'> {
  idempotency: Idempotency__Output | null;
}

/** What starts a function, with every default filled in, as it is announced. */
export interface TriggerSpecs {
  readonly http: readonly HttpRoute__Output[];
  readonly mq: readonly MqTrigger__Output[];
  readonly timers: readonly TimerTrigger__Output[];
  readonly rpc: readonly RpcSpec[];
  readonly cloudEvents: readonly CloudEventsTrigger__Output[];
  readonly gateway: readonly GatewayTrigger__Output[];
}

type RawEvents = NonNullable<RawFunction['events']>;

/** `cors` is the service's. */
export function resolveTriggers(
  service: string,
  name: string,
  events: RawEvents,
  cors: Cors__Output | null,
): TriggerSpecs {
  const group = `${service}.${name}`;
  const given = <Kind extends keyof RawEvents[number]>(kind: Kind): NonNullable<RawEvents[number][Kind]>[] =>
    events.flatMap((event) => event[kind] ?? []) as NonNullable<RawEvents[number][Kind]>[];
  return {
    http: events.flatMap(({ http, apigw }) => http ?? apigw ?? []).map((raw) => httpRoute(raw, cors)),
    mq: given('mq').map((raw) => mqTrigger(raw, group)),
    timers: given('timer').map((raw, at) => timerTrigger(raw, `${name}-${at}`)),
    rpc: given('rpc').map((raw) => ({ ...raw, idempotency: idempotency(raw.idempotency) })),
    cloudEvents: given('cloudevents').map((raw) => cloudEventsTrigger(raw, group)),
    gateway: given('mtop').map(gatewayTrigger),
  };
}

function httpRoute(raw: RawHttp, cors: Cors__Output | null): HttpRoute__Output {
  return {
    methods: methodsOf(raw.method),
    path: normalisePath(raw.path),
    host: raw.host ?? '',
    stream: raw.stream,
    timeoutMs: toMs(raw.timeout) ?? 0,
    idempotency: idempotency(raw.idempotency),
    cors: resolveCors(raw.cors, cors),
  };
}

function mqTrigger(raw: RawMq, defaultGroup: string): MqTrigger__Output {
  const { resource, topic, batch, concurrency, retry, deadLetter, from } = raw;
  const group = raw.group ?? defaultGroup;
  const { size, wait } = typeof batch === 'object' ? batch : { size: batch ?? 0, wait: '50ms' };
  return {
    resource,
    topic,
    group,
    batch: size,
    batchWaitMs: toMs(wait),
    concurrency,
    attempts: retry.attempts,
    backoffMs: toMs(retry.backoff),
    maxBackoffMs: toMs(retry.maxBackoff),
    deadLetterTopic: deadLetter === false ? '' : (deadLetter ?? `${topic}.${group}.dead`),
    fromBeginning: from === 'earliest',
    idempotency: idempotency(raw.idempotency),
  };
}

function timerTrigger(raw: RawTimer, defaultName: string): TimerTrigger__Output {
  const { type, value, payload, timeZone = '', misfire, overlap, jitter, broadcast, enable } = raw;
  return {
    name: raw.name ?? defaultName,
    timeZone,
    payloadJson: payload === undefined ? '' : JSON.stringify(payload),
    misfire,
    overlap,
    jitterMs: toMs(jitter) ?? 0,
    broadcast,
    disabled: !enable,
    ...(type === 'cron'
      ? { schedule: 'cron', cron: String(value) }
      : type === 'every'
        ? { schedule: 'everyMs', everyMs: String(toMs(value)) }
        : { schedule: 'intervalMs', intervalMs: String(toMs(value)) }),
  };
}

function cloudEventsTrigger(raw: RawCloudEvents, defaultGroup: string): CloudEventsTrigger__Output {
  const { path, type = [], source = [], subject = [], resource = '', topic = '', group = defaultGroup } = raw;
  return {
    path: path ?? (resource === '' ? '/events' : ''),
    types: type,
    sources: source,
    subjects: subject,
    resource,
    topic,
    group: resource === '' ? '' : group,
    idempotency: idempotency(raw.idempotency),
  };
}

function gatewayTrigger({ api, version, session, ...raw }: RawGateway): GatewayTrigger__Output {
  return { api, version, session, idempotency: idempotency(raw.idempotency) };
}

function idempotency(raw: RawIdempotency | undefined): Idempotency__Output | null {
  if (!raw) return null;
  return { key: raw.key, ttlMs: String(toMs(raw.ttl)), resource: raw.resource };
}

/** Upper-case method names; any is empty. */
export function methodsOf(method: unknown): string[] {
  const methods = (Array.isArray(method) ? method : [method ?? 'any']).map((item) => String(item).toUpperCase());
  return methods.includes('ANY') || methods.includes('ALL') ? [] : methods;
}

/** A pattern in parentheses, in which braces count; or `{id}`, `{path+}`. */
const PATTERN_OR_NAME = /\((?:[^()]|\([^()]*\))*\)|\{(?<name>[\w-]+)(?<rest>\+)?\}/g;

/** Serverless Framework's `{id}` and `{path+}` as `:id` and `*`; `{4}` inside a pattern stays what it is. */
export function normalisePath(path: string): string {
  return path.replace(PATTERN_OR_NAME, (whole, ...found) => {
    const { name, rest } = found.at(-1) as { name?: string; rest?: string };
    if (name === undefined) return whole;
    return rest === undefined ? `:${name}` : '*';
  });
}
