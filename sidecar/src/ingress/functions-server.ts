// `bottle.v1.Functions` for the pods of other services: events for this pod's functions, by name. And
// `grpc.health.v1.Health`, which answers as long as this process does.
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';
import {
  addHealthService,
  BottleError,
  CHANNEL_OPTIONS,
  Code,
  functionsDefinition,
  type Request__Output,
  type Response,
  toWireError,
} from '@bottle/protos';
import type { CarryEvent } from '../event-invocation.ts';

/** What a message has besides its body. */
const ENVELOPE_BYTES = 64 * 1024;

export interface FunctionsServerOptions {
  carryEvent: CarryEvent;
  /** Largest event, in bytes. */
  maxBodyBytes: number;
  /** PEM texts; without them, no TLS. With `clientCa`, only clients that it has signed are served. */
  tls: { cert: string; key: string; clientCa: string };
  log: { error(fields: object, message: string): void };
}

export interface FunctionsServer {
  /** Invocations under way. */
  readonly inFlight: number;
  /** Resolves with the port that was taken. */
  listen(host: string, port: number): Promise<number>;
  /** Refuses new connections and tells clients to go elsewhere; what is under way is answered. */
  stopListening(): void;
  close(): void;
}

export function createFunctionsServer({ carryEvent, maxBodyBytes, tls, log }: FunctionsServerOptions): FunctionsServer {
  const server = new Server({
    ...CHANNEL_OPTIONS,
    'grpc.max_receive_message_length': maxBodyBytes + ENVELOPE_BYTES,
    'grpc.max_send_message_length': -1,
  });
  let inFlight = 0;

  async function invoke(request: Request__Output, signal: AbortSignal, deadline: Date | number): Promise<Response> {
    const { target, contentType, body, traceparent, baggage, caller } = request;
    const remainingMs = Number(deadline) - Date.now();
    const timeouts = [remainingMs, request.timeoutMs].filter((ms) => Number.isFinite(ms) && ms !== 0);
    const timeoutMs = timeouts.length === 0 ? 0 : Math.max(1, Math.round(Math.min(...timeouts)));
    inFlight += 1;
    try {
      return await carryEvent({ function: target, contentType, body, timeoutMs, traceparent, baggage, caller, signal });
    } catch (thrown) {
      const error = BottleError.from(thrown);
      if (error.cause !== undefined) log.error({ err: error.cause, function: target }, 'remote invocation failed');
      return { error: toWireError(error) };
    } finally {
      inFlight -= 1;
    }
  }

  server.addService(functionsDefinition(), {
    Invoke(call: ServerUnaryCall<Request__Output, Response>, callback: sendUnaryData<Response>) {
      const given = new AbortController();
      call.on('cancelled', () => given.abort(new BottleError(Code.CANCELLED, 'cancelled', 'the caller has left')));
      void invoke(call.request, given.signal, call.getDeadline()).then((response) => callback(null, response));
    },
  });
  void addHealthService(server, 'bottle.v1.Functions');

  return {
    get inFlight() {
      return inFlight;
    },
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.bindAsync(`${host.includes(':') ? `[${host}]` : host}:${port}`, credentialsOf(tls), (error, bound) => {
          if (error) reject(error);
          else resolve(bound);
        });
      }),
    stopListening: () => server.tryShutdown(() => {}), // `inFlight` says when it is done
    close: () => server.forceShutdown(),
  };
}

function credentialsOf({ cert, key, clientCa }: FunctionsServerOptions['tls']): ServerCredentials {
  if (cert === '') return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(clientCa === '' ? null : Buffer.from(clientCa), [pair], clientCa !== '');
}
