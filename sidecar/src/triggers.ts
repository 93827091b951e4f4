import type { CacheDriver, QueueDriver } from '@bottle/capabilities';
import type { Logger } from 'pino';
import { createSharedStateAccess } from './capabilities/lock/shared-state-access.ts';
import type { Resources } from './capabilities/resources.ts';
import { missingCache, type SidecarConfig } from './config.ts';
import type { CarryEvent } from './event-invocation.ts';
import type { HttpProtocol } from './layer.ts';
import type { SidecarMetrics } from './observe/sidecar-metrics.ts';
import { queuedEventPlans } from './queued-event-plans.ts';
import { createCloudEvents } from './triggers/cloudevents/cloud-events.ts';
import { createQueuedEvents } from './triggers/cloudevents/queued-events.ts';
import { createGatewayStore } from './triggers/gateway/gateway-store.ts';
import { createGateway } from './triggers/gateway/gateway.ts';
import { DeadLetterAdmin } from './triggers/mq/dead-letter-admin.ts';
import { MqTriggers } from './triggers/mq/mq-triggers.ts';
import type { MqPlan } from './triggers/mq/plan.ts';
import { TopicAdmin } from './triggers/mq/topic-admin.ts';
import { TimerSource } from './triggers/timer/timer-source.ts';

export interface TriggersOptions {
  config: SidecarConfig;
  resources: Resources;
  carryEvent: CarryEvent;
  /** The first of so many ids that count up; one without a count. */
  nextId(count?: number): string;
  metrics: SidecarMetrics;
  log: Logger;
}

export interface Triggers {
  timers: TimerSource;
  mq: MqTriggers;
  topics: TopicAdmin;
  deadLetters: DeadLetterAdmin;
  /** What is spoken on top of HTTP, on paths of its own. */
  protocols: readonly HttpProtocol[];
}

/** What starts invocations besides plain HTTP and gRPC. */
export function createTriggers({ config, resources, carryEvent, nextId, metrics, log }: TriggersOptions): Triggers {
  const openQueue = async (name: string): Promise<QueueDriver> =>
    (await resources.find('mq', name).ready()) as QueueDriver;
  const openCache = async (name: string): Promise<CacheDriver> =>
    (await resources.find('cache', name).ready()) as CacheDriver;
  const { observeCloudEvent: observeEvent } = metrics;

  const timers = new TimerSource({
    state: createSharedStateAccess(resources, config.timers.lock),
    leaseMs: config.timers.leaseMs,
    carryEvent,
    nextId,
    observer: {
      ran: (schedule, result) => metrics.observeTimerRun(schedule, result),
      late: (seconds) => metrics.observeTimerDrift(seconds),
      passed: (schedule, why, ticks) => metrics.observeTimerPassed(schedule, why, ticks),
    },
    log,
  });
  const queuedEvents = createQueuedEvents({ carryEvent, observe: observeEvent });
  const mq = new MqTriggers({
    carryEvent,
    nextIds: nextId,
    otherPlans: (table) => queuedEventPlans(table, queuedEvents),
    openQueue,
    observer: { counters: (labels) => metrics.mq.counters(labels) },
    log,
  });
  const protocols = [
    createCloudEvents({ carryEvent, allowedOrigins: config.cloudevents.allowedOrigins, observe: observeEvent }),
    createGateway({
      settings: config.gateway,
      store: createGatewayStore({ ...config.gateway, cache: openCache }),
      carryEvent,
      observe: (api, version, code) => metrics.observeGateway(api, version, code),
      sessionsMissing: hasCache(config, config.gateway.sessions) ? undefined : missingCache(config.gateway.sessions),
      log,
    }),
  ];
  const plans = (): readonly MqPlan[] => mq.plans;
  const topics = new TopicAdmin({ plans, openQueue });
  return { timers, mq, topics, deadLetters: new DeadLetterAdmin({ plans, openQueue }), protocols };
}

/** Without any resource configured, the embedded drivers serve every name. */
function hasCache({ resources }: SidecarConfig, name: string): boolean {
  return (
    Object.hasOwn(resources.cache, name) || Object.values(resources).every((named) => Object.keys(named).length === 0)
  );
}
