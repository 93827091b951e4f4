// The composition root: builds the stages, joins them, starts and stops them in order.
import { join } from 'node:path';
import type { CacheDriver } from '@bottle/capabilities';
import {
  type Abilities,
  BATCHED_CALLS,
  type BottleError,
  type FunctionTable__Output,
  type KnownSecrets,
  type LongestTurns,
  type Pong__Output,
  loadServices,
  PROTOCOL,
} from '@bottle/protos';
import type { Logger } from 'pino';
import { createAdminServer } from './admin/admin-server.ts';
import { Admission } from './admission/admission.ts';
import { WaitingRoom } from './admission/waiting-room.ts';
import { startBottlePath } from './bottle-path.ts';
import { CallChains } from './call-chains.ts';
import { CallerProcesses } from './capabilities/caller-processes.ts';
import { Grants } from './capabilities/grants.ts';
import { createConfigAdmin } from './capabilities/config/config-admin.ts';
import { offeredResources } from './capabilities/offered-resources.ts';
import { Resources } from './capabilities/resources.ts';
import { createLocalFunctions } from './capabilities/rpc/local-functions.ts';
import { missingResources, missingWords, partsOf } from './capabilities/missing-resources.ts';
import { needsOfTable } from './capabilities/needs-of-table.ts';
import { RuntimeChannel } from './channel/runtime-channel.ts';
import type { SidecarConfig } from './config.ts';
import { createInvokeAdmin } from './create-invoke-admin.ts';
import { Drain, type DrainResult } from './drain.ts';
import { createEventCarrier } from './event-invocation.ts';
import { healthChecks } from './health.ts';
import { Idempotency } from './idempotency/idempotency.ts';
import type { HttpExchange } from './ingress/http-exchange.ts';
import { createHttpIngress } from './ingress/http-ingress.ts';
import { createInvocationIds } from './invocation-ids.ts';
import type { FunctionLoad, Invocation, TriggerSource } from './layer.ts';
import type { AccessLog } from './observe/access-log.ts';
import { createMetricsServer } from './observe/metrics-server.ts';
import { describeFunctions } from './observe/describe-functions.ts';
import { createSidecarMetrics } from './observe/sidecar-metrics.ts';
import { listenAt, listeningPlaces } from './port-taken.ts';
import { problemOf } from './problem.ts';
import { createRequestPath } from './request-path.ts';
import { FunctionTables } from './route/function-tables.ts';
import type { FinishedCall } from './triggers/rpc/rpc-calls.ts';
import { createRpcServer } from './triggers/rpc/rpc-server.ts';
import { createTriggers } from './triggers.ts';

export interface Sidecar {
  readonly httpPort: number;
  /** Of HTTP/2 without TLS; undefined when it is not spoken. */
  readonly http2Port: number | undefined;
  readonly adminPort: number;
  /** Undefined while no gRPC method is answered. */
  readonly rpcPort: number | undefined;
  /** Undefined when /metrics is on the admin port alone. */
  readonly metricsPort: number | undefined;
  drain(): Promise<DrainResult>;
  close(): Promise<void>;
}

export interface SidecarOptions {
  config: SidecarConfig;
  env: Readonly<Record<string, string | undefined>>;
  /** What no log and no error shows. */
  secrets: KnownSecrets;
  log: Logger;
  /** Undefined: no access lines. */
  accessLog: AccessLog | undefined;
  turns: LongestTurns;
  /** Lines that found no room in the log, since the start. */
  droppedLogLines(): number;
  /** "bottle-sidecar/0.1.0" */
  software: string;
  /** Whether clients see what led to an error. */
  develop: boolean;
  /** No trigger but requests: no schedule runs, no queue is read. */
  callsOnly: boolean;
  /** Whose pod it is; undefined: whoever started it does not say. */
  projectDir: string | undefined;
}

/** Starts a sidecar; resolves when both ports listen. The function container may come at any time. */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { config, env, secrets, log, accessLog, turns, droppedLogLines, software } = options;
  const nextId = createInvocationIds();
  const services = loadServices();
  const abilities: Abilities = {
    ...PROTOCOL,
    features: PROTOCOL.features.filter((feature) => config.channel.batching || feature !== BATCHED_CALLS),
    software,
    bodyThresholdBytes: config.channel.bodyThresholdBytes,
    instanceId: nextId(),
  };

  /** What the function container has last said of itself. */
  let said: Pong__Output = { longestTurns: [], droppedLogLines: '0', leftOutValues: [] };
  const tables = new FunctionTables();
  const admission = new Admission(
    config.queue.maxWaitingPerFunction,
    log.isLevelEnabled('debug')
      ? ({ id: invocationId, functionName, receivedAt }, step) => {
          const afterMs = Math.round((performance.now() - receivedAt) * 10) / 10;
          log.debug({ invocationId, function: functionName, step, afterMs }, 'place');
        }
      : undefined,
  );
  const offered = offeredResources(config.resources);
  const saidToBeMissing = new Set<string>();
  const grants = new Grants({ mode: config.grants, log });
  const waitingRoom = new WaitingRoom({
    maxWaiting: config.queue.maxWaitingForRuntime,
    maxWaitMs: config.queue.maxWaitMs,
  });
  const channel = new RuntimeChannel({
    services,
    socketDir: config.socketDir,
    abilities,
    batching: config.channel.batching,
    maxPending: config.channel.maxPending,
    pings: config.channel.pings,
    onTable(table) {
      tables.apply(table);
      for (const problem of tables.router?.problems ?? []) log.error({ problem }, 'a route cannot be served');
      admission.applyTable(table);
      idempotency.applyTable(table);
      grants.apply(table);
      resources.require(table.layerUses.map((use) => use.split(':')[0] ?? ''));
      lookForMissing(table);
      for (const trigger of triggers) trigger.apply(table);
      for (const protocol of protocols) protocol.apply(table);
      const functions = table.functions.map(
        ({ name, state }) => `${name}:${state.replace('FUNCTION_STATE_', '').toLowerCase()}`,
      );
      log.debug({ service: table.service, functions }, 'function table applied');
    },
    onDown: (instanceId) => callers.look(instanceId),
    onPong(pong) {
      said = pong;
    },
    onChange() {
      waitingRoom.notify();
      for (const trigger of triggers) trigger.setServing(channel.connected);
    },
    log,
  });
  const callers = new CallerProcesses((instanceId) => channel.isConnectedTo(instanceId));
  const idempotency = new Idempotency({
    openCache: async (name) => (await resources.find('cache', name).ready()) as CacheDriver,
    service: () => tables.table?.service ?? '',
    nextId,
    maxWaitingPerFunction: config.queue.maxWaitingPerFunction,
    observe: (functionName, result) => metrics.observeIdempotency(functionName, result),
    log,
  });
  const chains = new CallChains(config.queue.maxWaitingPerFunction);
  const carry = createRequestPath({
    tables,
    waitingRoom,
    idempotency,
    admission,
    channel,
    chains,
    limits: config.limits,
  });
  const { maxBodyBytes } = config.limits;
  const carryEvent = createEventCarrier({ carry, nextId, maxResultBytes: maxBodyBytes });
  const rpc = createRpcServer({
    ...config.rpc,
    enabled: rpcEnabled(config.rpc.enabled),
    carry,
    carryEvent,
    nextId,
    maxMessageBytes: maxBodyBytes,
    onFinished: observeCall,
    log,
  });

  const resources = new Resources({
    config: config.resources,
    context: {
      log,
      env,
      secrets,
      dataDir: config.dataDir,
      chains,
      localFunctions: createLocalFunctions(carryEvent, chains),
    },
    develop: options.develop,
  });

  const metrics = createSidecarMetrics({
    longestTurns: () => [
      ...turns.all.map((turn) => ({ process: 'sidecar', ...turn })),
      ...said.longestTurns.map((turn) => ({ process: 'runtime', ...turn })),
    ],
    droppedLogLines: () => [
      { process: 'sidecar', lines: droppedLogLines() },
      { process: 'runtime', lines: Number(said.droppedLogLines) },
    ],
    leftOutValues: () => said.leftOutValues.map(({ resource, count }) => ({ resource, count: Number(count) })),
    resources: () =>
      [...resources.all].map(({ id, problem, policy }) => ({
        id,
        available: problem === undefined,
        inFlight: policy.inFlight,
        abandoned: policy.abandoned,
        waiting: policy.waiting,
        openStreams: policy.openStreams,
        breakerState: policy.breakerState,
      })),
    waitingForRuntime: () => waitingRoom.size,
    channelConnected: () => channel.connected,
    channelPending: () => channel.pendingCount,
    mqConsumers: () => mq.gauges,
  });
  const metricsServer = config.metrics.enabled ? createMetricsServer(renderMetrics) : undefined;
  const { timers, mq, topics, deadLetters, protocols } = createTriggers({
    config,
    resources,
    carryEvent,
    nextId,
    metrics,
    log,
  });
  const triggers: TriggerSource[] = options.callsOnly ? [] : [rpc, timers, mq];
  const explain = options.develop
    ? (await import('./develop/developer-answer.ts')).createDeveloperAnswer(secrets)
    : problemOf;
  const ingress = createHttpIngress({
    nextId,
    limits: config.limits,
    tls: config.http.tls,
    h2c: config.http2.enabled,
    maxConcurrentStreams: config.http.maxConcurrentStreams,
    compression: config.http.compression,
    protocols,
    corsOf: (http, method) => tables.router?.corsOf(http, method),
    carry,
    problemOf: explain,
    onFinished: observe,
  });
  const drain = new Drain({
    ...config.drain,
    startClosing() {
      ingress.startClosing();
      rpc.startClosing();
    },
    async stopListening() {
      for (const trigger of triggers) void trigger.drain();
      await ingress.stopListening();
    },
    awaited: () => ingress.awaited,
    closeIdleConnections: () => ingress.closeIdleConnections(),
    inFlight: () => ingress.inFlight + triggers.reduce((total, trigger) => total + trigger.inFlight, 0),
    log,
  });
  const admin = createAdminServer({
    token: config.admin.token,
    checks: () => healthChecks({ drain, channel, tables, resources, timers, rpc, mq }),
    functionLive: () => channel.ping(),
    functions: async () =>
      describeFunctions({
        loads: await loads(),
        table: tables.table,
        connected: channel.connected,
        rpcPort: rpc.port,
        directory: options.projectDir,
      }),
    resources: () => resources.describe(),
    config: createConfigAdmin(resources),
    timers: timers.admin,
    consumers: mq,
    topics,
    deadLetters,
    metrics: renderMetrics,
    drain,
    calls: createInvokeAdmin({
      tables,
      waitingRoom,
      carry,
      nextId,
      maxMessageBytes: maxBodyBytes,
      missing: () => channel.missing,
      problemOf: explain,
    }),
  });

  /** What each function has to do, at one moment for both processes. */
  function loads(): Promise<FunctionLoad[]> {
    const sentBefore = admission.sent();
    return channel.count((held) => admission.loads(sentBefore, held));
  }

  async function* renderMetrics(): AsyncGenerator<string> {
    yield* metrics.render(await loads());
  }

  /** What is missing is said once for each; for development it gets its stand-in now, which says so. */
  function lookForMissing(table: FunctionTable__Output): void {
    const names = table.functions.map(({ name }) => name);
    for (const missing of missingResources(needsOfTable(table, config.timers.lock), names, offered)) {
      const { capability, name } = partsOf(missing.need.resource);
      if (resources.prepare(capability, name)) continue;
      const words = missingWords(missing, 'sidecar.yml');
      if (!saidToBeMissing.has(words)) log.warn(words);
      saidToBeMissing.add(words);
    }
  }

  function observe(invocation: Invocation, exchange: HttpExchange, error: BottleError | undefined): void {
    const { id: invocationId, functionName } = invocation;
    const durationMs = performance.now() - invocation.receivedAt;
    const status = statusOf(invocation, exchange, error);
    const reason = error?.reason;
    metrics.observeRequest(functionName, status, durationMs / 1000, reason);
    if (error?.cause !== undefined) log.error({ err: error.cause, invocationId }, 'request failed inside the sidecar');
    else if (exchange.isCutOff && reason === 'connection-lost')
      log.error({ err: error, invocationId }, 'response cut off');
    if (!accessLog) return;
    const { method = '', url = '' } = exchange.request;
    accessLog.write({ invocationId, functionName, method, url, status, durationMs, bytes: exchange.bytesSent, reason });
  }

  /** What became of a request, where that is not what its client got for a status. */
  function statusOf({ cancelled }: Invocation, exchange: HttpExchange, error: BottleError | undefined): number {
    if (exchange.isCutOff && error) return Math.max(500, error.httpStatus);
    return cancelled === 'client-closed' ? 499 : exchange.response.statusCode;
  }

  function observeCall({ invocation, route: { path }, error, messages }: FinishedCall): void {
    const { id: invocationId, functionName } = invocation;
    const durationMs = performance.now() - invocation.receivedAt;
    const { code = 'OK', reason } = error ?? {};
    metrics.observeRpc({ functionName, method: path.slice(1), code, durationSeconds: durationMs / 1000, reason });
    accessLog?.writeCall({ invocationId, functionName, path, code, durationMs, messages, reason });
  }

  const bottlePath = await startBottlePath({
    services,
    socketPath: join(config.socketDir, 'sidecar.sock'),
    abilities,
    resources,
    grants,
    callers,
    observe: (resourceId, operation, seconds, error) =>
      metrics.observeCall(resourceId, operation, seconds, error?.code),
    log,
  });
  await resources.start();
  const { admin: adminAt, metrics: metricsAt, http2: http2At, http: httpAt } = listeningPlaces(config);
  const adminPort = await listenAt(adminAt, admin.listen);
  const metricsPort = metricsServer && (await listenAt(metricsAt, metricsServer.listen));
  await rpc.start();
  const http2Port = await listenAt(http2At, ingress.listenH2c);
  const httpPort = await listenAt(httpAt, ingress.listen);
  await channel.start();

  return {
    httpPort,
    http2Port,
    adminPort,
    get rpcPort() {
      return rpc.port;
    },
    metricsPort,
    drain: () => drain.start(),
    async close() {
      channel.close();
      await bottlePath.close();
      await Promise.all(triggers.map((trigger) => trigger.close()));
      await resources.close();
      metrics.close();
      metricsServer?.close();
      await Promise.all([ingress.close(), admin.close()]);
    },
  };
}

/** Flags and environment variables are text. */
function rpcEnabled(setting: SidecarConfig['rpc']['enabled']): boolean | 'auto' {
  return setting === 'auto' ? 'auto' : String(setting) === 'true';
}
