// Serves bottle.v1.FunctionRuntime and grpc.health.v1.Health on the runtime's socket:
//   Connect   batched invocations
//   Invoke    one invocation
//   Stream    one invocation with streaming bodies, or the body of a streamed result
import {
  FairTurns,
  addHealthService,
  type Abilities,
  type BoundSocket,
  bindSocketFile,
  createSocketServer,
  createYoungGarbage,
  type FunctionRuntimeHandlers,
  type FunctionTable,
  type Health,
  type IncomingCall,
  type Pong,
  type Response,
  type Services,
  serveBatches,
  type Session,
} from '@bottle/protos';
import type { FaaSLogger } from 'bottle-sdk';
import type { EncodedResult } from '../invoke/encode-result.ts';
import type { Invoker } from '../invoke/invoker.ts';
import { LoneCalls } from './lone-calls.ts';
import { ParkedStreams } from './parked-streams.ts';
import { serveStream, streamedIfLarge } from './serve-stream.ts';
import { StreamCredits } from './stream-credits.ts';

export interface RuntimeServerOptions {
  services: Services;
  socketPath: string;
  abilities: Abilities;
  invoker: Invoker;
  table(): FunctionTable;
  /** What the process says of itself when it is pinged. */
  pong(): Pong;
  /** A sidecar has a session: it sends new invocations here from now on. */
  onConnected(): void;
  logger: FaaSLogger;
}

export interface RuntimeServer {
  /** The table changed: every session gets the new one. */
  announce(): void;
  /** What grpc.health.v1 says of the process, from now on. */
  setHealthy(healthy: boolean): void;
  sayGoodbye(reason: string): void;
  close(): Promise<void>;
}

export async function startRuntimeServer(options: RuntimeServerOptions): Promise<RuntimeServer> {
  const { services, abilities, invoker, table, pong, logger } = options;
  const sessions = new Set<Session>();
  const parked = new ParkedStreams();
  const lone = new LoneCalls(invoker, sessions);
  const credits = new StreamCredits();
  const turns = new FairTurns(1);
  const streamServices = { services, invoker: lone, parked, onDropped: createYoungGarbage(), turns, credits };
  const server = createSocketServer();

  async function answer(call: IncomingCall, thresholdBytes: number): Promise<void> {
    const result = await invoker.invoke(call.request, call, undefined);
    if (result.stream) call.onCancel = () => parked.drop(call.request.invocationId);
    call.respond(whole(result, call.request.invocationId, thresholdBytes));
  }

  /** A response for one frame: what does not fit is parked, to be fetched by Stream. */
  function whole(result: EncodedResult, invocationId: string, thresholdBytes: number): Response {
    const { response, bytes, stream } = streamedIfLarge(result, thresholdBytes);
    if (!stream) return { ...response, body: bytes };
    parked.park(invocationId, stream);
    return { ...response, streamed: true };
  }

  const handlers: FunctionRuntimeHandlers = {
    Connect: (stream) =>
      serveBatches(stream, {
        abilities,
        table,
        onOpen(session) {
          sessions.add(session);
          options.onConnected();
          logger.info({ software: session.software }, 'sidecar connected');
        },
        onClose(session, reason) {
          sessions.delete(session);
          credits.release();
          logger.info({ reason }, 'sidecar connection closed');
        },
        onRefused: (reason) => logger.warn({ reason }, 'sidecar refused'),
        onCall: (call, session) => void answer(call, session.bodyThresholdBytes),
        onCancel: (invocationId, reason) => lone.cancel(invocationId, reason),
        onTaken: (invocationId, bytes) => credits.taken(invocationId, bytes),
        counts: () => invoker.counts(),
      }),
    Invoke: (unary, callback) => {
      const cancellation = { onCancel: undefined as ((reason: string) => void) | undefined };
      unary.on('cancelled', () => cancellation.onCancel?.('client-closed'));
      const { request } = unary;
      void lone.invoke(request, cancellation, undefined).then((result) => {
        cancellation.onCancel = undefined; // every call ends with that event, and a stream goes on by another one
        callback(null, whole(result, request.invocationId, abilities.bodyThresholdBytes));
        return undefined;
      });
    },
    Ping: (_ping, callback) => callback(null, pong()),
    Stream: (stream) => void serveStream(stream, streamServices),
  };
  server.addService(services.functionRuntime, handlers);
  const socket: BoundSocket = await bindSocketFile(server, options.socketPath);
  let health: Health | undefined;
  let isHealthy = true;
  setImmediate(() => {
    void (async () => {
      health = await addHealthService(server, 'bottle.v1.FunctionRuntime');
      health.setHealthy(isHealthy);
    })();
  });

  return {
    announce() {
      for (const session of sessions) session.announce(table());
    },
    setHealthy(healthy) {
      isHealthy = healthy; // the service may come later
      health?.setHealthy(healthy);
    },
    sayGoodbye(reason) {
      for (const session of sessions) session.sayGoodbye(reason);
    },
    async close() {
      await socket.close();
      server.forceShutdown();
    },
  };
}
