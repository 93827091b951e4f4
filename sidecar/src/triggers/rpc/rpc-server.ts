// The gRPC server of the pod, on a port of its own:
//   the services of the project's .proto files, by the `rpc` triggers of the function table
//   bottle.v1.Functions            any function by its name, for the pods of other services (`rpc.enabled: true`)
//   grpc.health.v1.Health          by service
//   grpc.reflection.v1, v1alpha    what is served
// What it serves follows the table; it begins to listen when there is something to serve, and never stops before the
// pod does.
import {
  type BottleError,
  boundStreamResets,
  CHANNEL_OPTIONS,
  type FunctionTable__Output,
  requestDecoders,
} from '@bottle/protos';
import {
  Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { CarryEvent } from '../../event-invocation.ts';
import type { TriggerSource } from '../../layer.ts';
import { answerBoth, answerDownload } from './answer-many.ts';
import { answerUnary, answerUpload } from './answer-once.ts';
import { addFunctions, type FunctionsService } from './functions-service.ts';
import { statusOf } from './grpc-status.ts';
import { addHealth, type Health } from './health-service.ts';
import { Listener, type ListenerOptions } from './listener.ts';
import { addReflection } from './reflection-service.ts';
import { answerUnknownMethods } from './unknown-methods.ts';
import { RpcCalls, type RpcCallsOptions, type RpcRoute } from './rpc-calls.ts';

/** What a message has besides its body. */
const ENVELOPE_BYTES = 64 * 1024;
/** How long clients may take to read what was answered, when the pod closes, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000;
const FUNCTIONS_SERVICE = 'bottle.v1.Functions';
const REFLECTION_SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];
const NO_DESCRIPTORS = Buffer.alloc(0);

export interface RpcServerOptions extends ListenerOptions, Pick<RpcCallsOptions, 'carry' | 'nextId' | 'onFinished'> {
  /** true: from the start, with bottle.v1.Functions. 'auto': when a function answers a gRPC method. false: never. */
  enabled: boolean | 'auto';
  carryEvent: CarryEvent;
  /** Largest message either way, in bytes. */
  maxMessageBytes: number;
}

export interface RpcServer extends TriggerSource {
  /** Undefined while it does not listen. */
  readonly port: number | undefined;
  /** Why it does not listen although it should. */
  readonly problem: string | undefined;
  /** Listens at once when it is switched on for good. Rejects with BottleError when the port is not to be had. */
  start(): Promise<void>;
  /** The pod is about to go: health says so. */
  startClosing(): void;
}

export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { enabled, maxMessageBytes, carryEvent, log } = options;
  const server = new Server({
    ...CHANNEL_OPTIONS,
    'grpc.max_receive_message_length': maxMessageBytes + ENVELOPE_BYTES,
    'grpc.max_send_message_length': -1,
  });
  boundStreamResets(server);
  answerUnknownMethods(server, options.nextId);
  const listener = new Listener(server, options);
  const routes = new Map<string, RpcRoute>();
  let table: FunctionTable__Output | undefined;
  let descriptors: Uint8Array = NO_DESCRIPTORS;
  let serving = false;
  let closing = false;
  const closed = Promise.withResolvers<void>();

  const calls = new RpcCalls({
    ...options,
    statusOf(error: BottleError, trailer) {
      if (error.cause !== undefined) log.error({ err: error.cause }, 'call failed inside the sidecar');
      return statusOf(error, table?.service ?? '', trailer);
    },
  });
  const functions: FunctionsService | undefined =
    enabled === true ? addFunctions(server, { carryEvent, log }) : undefined;
  const health = addHealth(server, healthOf);
  const served = { services: listServices, descriptors: () => descriptors };
  addReflection(server, served, log);

  function listServices(): string[] {
    return [...servedServices(), 'grpc.health.v1.Health', ...REFLECTION_SERVICES];
  }

  function servedServices(): string[] {
    const services = new Set([...routes.values()].map(({ service }) => service));
    return [...services, ...(functions ? [FUNCTIONS_SERVICE] : [])];
  }

  function healthOf(service: string): Health {
    const known = service === '' || service === FUNCTIONS_SERVICE || servedServices().includes(service);
    if (!known) return 'SERVICE_UNKNOWN';
    const concerned = (table?.functions ?? []).filter(
      ({ rpc }) =>
        service === '' || service === FUNCTIONS_SERVICE || rpc.some((trigger) => trigger.service === service),
    );
    const ready = serving && !closing && concerned.every(({ state }) => state === 'FUNCTION_STATE_READY');
    return ready ? 'SERVING' : 'NOT_SERVING';
  }

  function applyRoutes(next: ReadonlyMap<string, RpcRoute>): void {
    for (const [path, { requestStream, responseStream }] of routes) {
      const after = next.get(path);
      if (after && after.requestStream === requestStream && after.responseStream === responseStream) continue;
      server.unregister(path);
      routes.delete(path);
    }
    for (const [path, route] of next) {
      if (!routes.has(path)) register(route);
      routes.set(path, route);
    }
  }

  /** The handler finds its route anew at each call: another function may have taken the method over. */
  function register({ path, requestStream, responseStream, ...rest }: RpcRoute): void {
    const first: RpcRoute = { path, requestStream, responseStream, ...rest };
    const route = (): RpcRoute => routes.get(path) ?? first;
    const same = (bytes: Buffer): Buffer => bytes;
    const handlers = {
      unary: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) =>
        void answerUnary(calls, route(), call, reply),
      clientStream: (call: ServerDuplexStream<Buffer, Buffer>, reply: sendUnaryData<Buffer>) =>
        void answerUpload(calls, route(), call, reply),
      serverStream: (call: ServerWritableStream<Buffer, Buffer>) => void answerDownload(calls, route(), call),
      bidi: (call: ServerDuplexStream<Buffer, Buffer>) => void answerBoth(calls, route(), call),
    };
    const kind = requestStream ? (responseStream ? 'bidi' : 'clientStream') : responseStream ? 'serverStream' : 'unary';
    server.register(path, handlers[kind] as never, same, same, kind);
  }

  return {
    get inFlight() {
      return calls.size + (functions?.inFlight ?? 0);
    },
    get port() {
      return listener.port;
    },
    get problem() {
      return listener.problem;
    },
    async start() {
      if (enabled === true) await listener.open();
    },
    apply(next) {
      if (enabled === false) return;
      table = next;
      if (!Buffer.from(next.descriptors).equals(descriptors)) descriptors = next.descriptors;
      applyRoutes(routesOf(next));
      health.notify();
      if (routes.size > 0 && !closing) listener.keepOpening();
    },
    setServing(now) {
      serving = now;
      health.notify();
    },
    startClosing() {
      closing = true;
      health.notify();
    },
    async drain() {
      this.startClosing();
      listener.close();
      health.endWatches();
      server.tryShutdown(() => closed.resolve()); // clients are told to go elsewhere; what is under way is answered
      await closed.promise;
    },
    async close() {
      listener.close();
      calls.cancelAll('shutdown');
      health.endWatches();
      server.tryShutdown(() => closed.resolve());
      await Promise.race([closed.promise, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())]);
      server.forceShutdown();
    },
  };
}

function routesOf(table: FunctionTable__Output): Map<string, RpcRoute> {
  const triggers = table.functions.flatMap(({ name, rpc }) => rpc.map((trigger) => ({ ...trigger, function: name })));
  // Messages pass here as bytes, but for keys that are in one of their fields.
  const hasKeys = triggers.some(({ idempotency }) => idempotency?.key.includes('body.'));
  const decoders = hasKeys ? requestDecoders(table.descriptors) : undefined;
  return new Map(
    triggers.map((trigger) => {
      const path = `/${trigger.service}/${trigger.method}`;
      return [path, { ...trigger, path, decode: decoders?.get(path) }] as const;
    }),
  );
}
