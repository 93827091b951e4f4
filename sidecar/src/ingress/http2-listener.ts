// HTTP/2: on a plain socket by prior knowledge (h2c), or with TLS, where ALPN decides between h2 and HTTP/1.1. A port of
// its own, for Node cannot tell the two apart on a plain one without reading ahead of its HTTP/1.1 parser.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { FastifyInstance } from 'fastify';
import {
  closeWhenQuiet,
  createApp,
  type HttpLimits,
  type HttpListener,
  type HttpListenerOptions,
  listenOn,
} from './http-listener.ts';

export interface Http2ListenerOptions extends HttpListenerOptions {
  /** PEM texts; undefined: h2c. */
  tls: { cert: string; key: string } | undefined;
  /** Requests that a client may have under way on one connection. */
  maxConcurrentStreams: number;
}

/** Lets a client that is told to go finish what it has sent already. */
const HIGHEST_STREAM = 2 ** 31 - 1;
const NO_ERROR = 0;

export function createHttp2Listener(options: Http2ListenerOptions): HttpListener {
  const sessions = new Set<ServerHttp2Session>();
  let closing = false;
  const app = createApp({ serverFactory: serverFactory(options) }, (...given) => {
    const [request, response] = given;
    if (request.httpVersionMajor === 2) closeWithResponse(request, response);
    options.onRequest(...given);
  });
  const server = app.server as unknown as Http2Server & { closeIdleConnections?(): void };
  const { maxConnections, keepAliveTimeoutMs } = options.limits;
  server.maxConnections = maxConnections === 0 ? Number.POSITIVE_INFINITY : maxConnections;
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(keepAliveTimeoutMs, () => session.close());
    if (closing) session.once('stream', () => sayGoodbye(session)); // it came to a pod that drains: for one request
  });

  return {
    listen: (host, port) => listenOn(app, host, port),
    startClosing() {
      closing = true;
      for (const session of sessions) sayGoodbye(session);
    },
    stopListening: () => closeWhenQuiet(server),
    closeIdleConnections() {
      for (const session of sessions) session.close(); // what is still under way on it ends first
      server.closeIdleConnections?.();
    },
    close: () => close(app, sessions),
  };
}

function serverFactory({ tls, limits, maxConcurrentStreams }: Http2ListenerOptions) {
  // Loaded when somebody wants it: it is larger than all of HTTP/1.1.
  const { createSecureServer, createServer, Http2ServerResponse: Response } = process.getBuiltinModule('node:http2');
  class CompleteResponse extends Response {}
  // As the responses of HTTP/1.1 have it: whether what is written still goes somewhere.
  Object.defineProperty(CompleteResponse.prototype, 'destroyed', {
    get(this: Http2ServerResponse) {
      return this.stream.destroyed;
    },
  });
  const settings = {
    settings: { maxConcurrentStreams, maxHeaderListSize: limits.maxHeaderBytes, enablePush: false },
    maxHeaderListPairs: 256,
    maxSessionMemory: 16,
    strictSingleValueFields: false, // what a function sends twice is sent twice, as by HTTP/1.1
    Http2ServerResponse: CompleteResponse,
  };
  return (handler: (request: IncomingMessage, response: ServerResponse) => void): Server => {
    const onRequest = handler as never;
    if (!tls) return createServer(settings, onRequest) as unknown as Server;
    const secure = { ...tls, ...settings, ...http1Settings(limits), handshakeTimeout: limits.headersTimeoutMs };
    return createSecureServer(secure, onRequest) as unknown as Server;
  };
}

function http1Settings(limits: HttpLimits): object {
  return {
    allowHTTP1: true,
    http1Options: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      requestTimeout: 0,
      connectionsCheckingInterval: 1_000,
    },
  };
}

/** A client that still sends a body when its answer is complete is told to stop (RFC 9113, 8.1). */
function closeWithResponse(request: IncomingMessage, response: ServerResponse): void {
  const { stream } = response as unknown as Http2ServerResponse;
  stream.once('finish', () => {
    if (!(request as unknown as Http2ServerRequest).complete) stream.close(NO_ERROR);
  });
}

function sayGoodbye(session: ServerHttp2Session): void {
  if (!session.closed && !session.destroyed) session.goaway(NO_ERROR, HIGHEST_STREAM);
}

async function close(app: FastifyInstance, sessions: ReadonlySet<ServerHttp2Session>): Promise<void> {
  for (const session of sessions) session.close();
  await app.close();
}
