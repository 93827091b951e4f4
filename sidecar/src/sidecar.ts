// The composition root: builds the stages, joins them, starts and stops them in order.
import { join } from 'node:path';
import { type Abilities, BATCHED_CALLS, type BottleError, loadServices, PROTOCOL } from '@bottle/protos';
import type { Logger } from 'pino';
import { createAdminServer } from './admin/admin-server.ts';
import { Admission } from './admission/admission.ts';
import { WaitingRoom } from './admission/waiting-room.ts';
import { startBottlePath } from './bottle-path.ts';
import { Grants } from './capabilities/grants.ts';
import { createConfigAdmin } from './capabilities/config/config-admin.ts';
import { Resources } from './capabilities/resources.ts';
import { createLocalFunctions } from './capabilities/rpc/local-functions.ts';
import { RuntimeChannel } from './channel/runtime-channel.ts';
import type { SidecarConfig } from './config.ts';
import { Drain, type DrainResult } from './drain.ts';
import { createEventCarrier } from './event-invocation.ts';
import { createFunctionsServer } from './ingress/functions-server.ts';
import type { HttpExchange } from './ingress/http-exchange.ts';
import { createHttpIngress } from './ingress/http-ingress.ts';
import { createInvocationIds } from './invocation-ids.ts';
import { Invocation, type TriggerSource } from './layer.ts';
import type { AccessLog } from './observe/access-log.ts';
import { createSidecarMetrics } from './observe/sidecar-metrics.ts';
import { createRequestPath } from './request-path.ts';
import { FunctionTables } from './route/function-tables.ts';

export interface Sidecar {
  readonly httpPort: number;
  readonly adminPort: number;
  /** Undefined when other services may not call. */
  readonly rpcPort: number | undefined;
  drain(): Promise<DrainResult>;
  close(): Promise<void>;
}

export interface SidecarOptions {
  config: SidecarConfig;
  log: Logger;
  /** Undefined: no access lines. */
  accessLog: AccessLog | undefined;
  /** "bottle-sidecar/0.1.0" */
  software: string;
}

/** Starts a sidecar; resolves when both ports listen. The function container may come at any time. */
export async function startSidecar({ config, log, accessLog, software }: SidecarOptions): Promise<Sidecar> {
  const nextId = createInvocationIds();
  const services = loadServices();
  const abilities: Abilities = {
    ...PROTOCOL,
    features: PROTOCOL.features.filter((feature) => config.channel.batching || feature !== BATCHED_CALLS),
    software,
    bodyThresholdBytes: config.channel.bodyThresholdBytes,
    instanceId: nextId(),
  };

  const tables = new FunctionTables();
  const admission = new Admission(config.queue.maxWaitingPerFunction);
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
    onTable(table) {
      tables.apply(table);
      admission.applyTable(table);
      grants.apply(table);
      for (const trigger of triggers) trigger.apply(table);
      const functions = table.functions.map(
        ({ name, state }) => `${name}:${state.replace('FUNCTION_STATE_', '').toLowerCase()}`,
      );
      log.debug({ service: table.service, functions }, 'function table applied');
    },
    onChange() {
      waitingRoom.notify();
      for (const trigger of triggers) trigger.setServing(channel.connected);
    },
    log,
  });
  const carry = createRequestPath({ tables, waitingRoom, admission, channel, limits: config.limits });
  const { maxBodyBytes } = config.limits;
  const carryEvent = createEventCarrier({ carry, nextId, maxResultBytes: maxBodyBytes });
  const functionsServer = config.rpc.enabled
    ? createFunctionsServer({ carryEvent, maxBodyBytes, tls: config.rpc.tls, log })
    : undefined;

  const resources = new Resources({
    config: config.resources,
    context: { log, dataDir: config.dataDir, localFunctions: createLocalFunctions(carryEvent) },
  });

  /** What starts invocations besides HTTP and gRPC. */
  const triggers: TriggerSource[] = [];

  const metrics = createSidecarMetrics({
    resources: () =>
      [...resources.all].map(({ id, problem, policy: { inFlight, breakerState } }) => ({
        id,
        available: problem === undefined,
        inFlight,
        breakerState,
      })),
    inFlight: () => admission.snapshot(),
    waitingForRuntime: () => waitingRoom.size,
    channelConnected: () => channel.connected,
    channelPending: () => channel.pendingCount,
  });
  const ingress = createHttpIngress({
    nextId,
    limits: config.limits,
    carry,
    onFinished: observe,
  });
  const drain = new Drain({
    ...config.drain,
    startClosing: () => ingress.startClosing(),
    stopListening() {
      ingress.stopListening();
      functionsServer?.stopListening();
      for (const trigger of triggers) void trigger.drain();
    },
    closeIdleConnections: () => ingress.closeIdleConnections(),
    inFlight: () =>
      ingress.inFlight +
      (functionsServer?.inFlight ?? 0) +
      triggers.reduce((total, trigger) => total + trigger.inFlight, 0),
    log,
  });
  const admin = createAdminServer({
    missing,
    functionLive: () => channel.ping(),
    functions: describeFunctions,
    resources: () => resources.describe(),
    config: createConfigAdmin(resources),
    metrics: () => metrics.render(),
    drain,
    invoke: ({ function: name, contentType, body, callerTimeoutMs }, respond) =>
      carry(
        new Invocation({
          id: nextId(),
          target: { kind: 'event', function: name, contentType },
          body: { read: () => ({ kind: 'bytes', bytes: body }), abandon: () => {} },
          callerTimeoutMs,
        }),
        respond,
      ),
  });

  function observe(invocation: Invocation, exchange: HttpExchange, error: BottleError | undefined): void {
    const { id: invocationId, functionName } = invocation;
    const durationMs = performance.now() - invocation.receivedAt;
    const status = invocation.cancelled === 'client-closed' ? 499 : exchange.response.statusCode;
    const reason = error?.reason;
    metrics.observeRequest(functionName, status, durationMs / 1000, reason);
    if (error?.cause !== undefined) log.error({ err: error.cause, invocationId }, 'request failed inside the sidecar');
    if (!accessLog) return;
    const { method = '', url = '' } = exchange.request;
    accessLog.write({ invocationId, functionName, method, url, status, durationMs, bytes: exchange.bytesSent, reason });
  }

  function missing(): string[] {
    if (drain.isDraining) return ['the pod is draining'];
    if (!channel.connected) return [channel.missing, ...resources.missing()];
    return [...resources.missing(), ...unreadyFunctions()];
  }

  function unreadyFunctions(): string[] {
    return (tables.table?.functions ?? []).flatMap(({ name, state, stateReason }) => {
      if (state === 'FUNCTION_STATE_READY') return [];
      return state === 'FUNCTION_STATE_FAILED'
        ? [`${name} failed to initialise: ${stateReason}`]
        : [`${name} is initialising`];
    });
  }

  function describeFunctions(): object {
    const load = new Map(admission.snapshot().map((entry) => [entry.name, entry]));
    const functions = (tables.table?.functions ?? []).map((info) => ({
      name: info.name,
      handler: info.handler,
      state: info.state.replace('FUNCTION_STATE_', '').toLowerCase(),
      ...(info.stateReason === '' ? {} : { reason: info.stateReason }),
      timeoutMs: info.timeoutMs,
      concurrency: info.concurrency,
      idempotent: info.idempotent,
      inFlight: load.get(info.name)?.inFlight ?? 0,
      waiting: load.get(info.name)?.waiting ?? 0,
      http: info.http.map(({ methods, path, host, stream }) => ({
        methods: methods.length > 0 ? methods : ['ANY'],
        path,
        ...(host === '' ? {} : { host }),
        ...(stream ? { stream } : {}),
      })),
    }));
    return { service: tables.table?.service ?? null, connected: channel.connected, functions };
  }

  const bottlePath = await startBottlePath({
    services,
    socketPath: join(config.socketDir, 'sidecar.sock'),
    abilities,
    resources,
    grants,
    observe: (resourceId, operation, seconds, error) =>
      metrics.observeCall(resourceId, operation, seconds, error?.code),
    log,
  });
  resources.start();
  const adminPort = await admin.listen(config.admin.host, config.admin.port);
  const rpcPort = await functionsServer?.listen(config.rpc.host, config.rpc.port);
  const httpPort = await ingress.listen(config.http.host, config.http.port);
  await channel.start();

  return {
    httpPort,
    adminPort,
    rpcPort,
    drain: () => drain.start(),
    async close() {
      channel.close();
      await bottlePath.close();
      functionsServer?.close();
      await Promise.all(triggers.map((trigger) => trigger.close()));
      await resources.close();
      metrics.close();
      await Promise.all([ingress.close(), admin.close()]);
    },
  };
}
