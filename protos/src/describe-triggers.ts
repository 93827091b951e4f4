import type { CloudEventsTrigger__Output } from './generated/bottle/v1/CloudEventsTrigger.ts';
import type { Function__Output } from './generated/bottle/v1/Function.ts';
import type { HttpRoute__Output } from './generated/bottle/v1/HttpRoute.ts';
import type { Idempotency__Output } from './generated/bottle/v1/Idempotency.ts';
import type { MqTrigger__Output } from './generated/bottle/v1/MqTrigger.ts';
import type { RpcTrigger__Output } from './generated/bottle/v1/RpcTrigger.ts';
import type { TimerTrigger__Output } from './generated/bottle/v1/TimerTrigger.ts';

/** What starts a function, as `/functions` and `--check` show it: a list for each kind, without what is not set. */
export function describeTriggers(
  info: Pick<Function__Output, 'http' | 'mq' | 'timers' | 'rpc' | 'cloudEvents' | 'gateway'>,
): Record<'http' | 'mq' | 'timers' | 'rpc' | 'cloudEvents' | 'gateway', object[]> {
  return {
    http: info.http.map(httpRoute),
    mq: info.mq.map(mqTrigger),
    timers: info.timers.map(timerTrigger),
    rpc: info.rpc.map(rpcTrigger),
    cloudEvents: info.cloudEvents.map(cloudEventsTrigger),
    gateway: info.gateway.map(({ api, version, session, idempotency }) => ({
      api,
      version,
      session,
      ...rule(idempotency),
    })),
  };
}

function httpRoute({ methods, path, host, stream, idempotency, cors }: HttpRoute__Output): object {
  return {
    methods: methods.length > 0 ? methods : ['ANY'],
    path,
    ...(host === '' ? {} : { host }),
    ...(stream ? { stream } : {}),
    ...(cors ? { cors: cors.origins } : {}),
    ...rule(idempotency),
  };
}

function mqTrigger({ resource, topic, group, batch, concurrency, idempotency }: MqTrigger__Output): object {
  return { resource, topic, group, ...(batch === 0 ? {} : { batch }), concurrency, ...rule(idempotency) };
}

function timerTrigger(trigger: TimerTrigger__Output): object {
  const { name, schedule, cron, everyMs, intervalMs, timeZone, broadcast, disabled } = trigger;
  const times =
    schedule === 'cron'
      ? { cron, timeZone: timeZone === '' ? 'UTC' : timeZone }
      : schedule === 'everyMs'
        ? { everyMs: Number(everyMs) }
        : { intervalMs: Number(intervalMs) };
  return { name, ...times, ...(broadcast ? { broadcast } : {}), ...(disabled ? { disabled } : {}) };
}

function rpcTrigger({ service, method, requestStream, responseStream, idempotency }: RpcTrigger__Output): object {
  return {
    service,
    method,
    ...(requestStream ? { requestStream } : {}),
    ...(responseStream ? { responseStream } : {}),
    ...rule(idempotency),
  };
}

function cloudEventsTrigger(trigger: CloudEventsTrigger__Output): object {
  const { path, types, sources, subjects, resource, topic, group, idempotency } = trigger;
  return {
    ...(path === '' ? {} : { path }),
    ...(resource === '' ? {} : { resource, topic, group }),
    ...(types.length === 0 ? {} : { types }),
    ...(sources.length === 0 ? {} : { sources }),
    ...(subjects.length === 0 ? {} : { subjects }),
    ...rule(idempotency),
  };
}

function rule(idempotency: Idempotency__Output | null): object {
  if (!idempotency) return {};
  const { key, ttlMs, resource } = idempotency;
  return { idempotency: { key, ttlMs: Number(ttlMs), resource } };
}
