// HTTP/2: on a plain socket by prior knowledge (h2c), or with TLS, where ALPN decides between h2 and HTTP/1.1. Without TLS
// it has a port of its own: telling the two apart on one means reading ahead of Node's HTTP/1.1 parser, which costs every
// new connection a tenth more CPU, and its timeouts.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2Server, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { OUTER_STREAM_RESETS } from '@bottle/protos';
import type { FastifyInstance } from 'fastify';
import { AwaitedConnections } from './awaited-connections.ts';
import { closeListener } from './close-listener.ts';
import {
  createApp,
  headTooLarge,
  type HttpLimits,
  type HttpListener,
  type HttpListenerOptions,
  listenOn,
} from './http-listener.ts';
import { problemOf } from '../problem.ts';

export interface Http2ListenerOptions extends HttpListenerOptions {
  /** PEM texts; undefined: h2c. */
  tls: { cert: string; key: string } | undefined;
  /** Requests that a client may have under way on one connection. */
  maxConcurrentStreams: number;
}

/** Lets a client that is told to go finish what it has sent already. */
const HIGHEST_STREAM = 2 ** 31 - 1;
const NO_ERROR = 0;
const CANCEL = 8;
/** How long a client may go on sending a body that nobody wants. */
const DISCARD_MS = 5_000;

export function createHttp2Listener(options: Http2ListenerOptions): HttpListener {
  const sessions = new Set<ServerHttp2Session>();
  const awaited = new AwaitedConnections();
  let closing = false;
  const app = createApp({ serverFactory: serverFactory(options) }, (...given) => {
    const [request, response] = given;
    const isHttp2 = request.httpVersionMajor === 2;
    awaited.delete(isHttp2 ? (request as unknown as Http2ServerRequest).stream.session : request.socket);
    if (isHttp2 && refuseLargeHead(request, response, options.limits.maxHeaderBytes)) return;
    options.onRequest(...given);
  });
  const server = app.server as unknown as Http2Server & { closeIdleConnections?(): void };
  const { maxConnections, keepAliveTimeoutMs } = options.limits;
  server.maxConnections = maxConnections === 0 ? Number.POSITIVE_INFINITY : maxConnections;
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(keepAliveTimeoutMs, () => session.close());
    if (!closing) return;
    awaited.add(session);
    session.once('stream', () => sayGoodbye(session)); // it came to a pod that drains: for one request
  });

  return {
    listen: (host, port) => listenOn(app, host, port),
    startClosing() {
      closing = true;
      for (const session of sessions) sayGoodbye(session);
      server.on('secureConnection', (socket: TLSSocket) => {
        if (socket.alpnProtocol !== 'h2') awaited.add(socket);
      });
    },
    get awaited() {
      return awaited.size;
    },
    stopListening: () => closeListener(server),
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
  class CompleteResponse extends Response {
    override end(...given: unknown[]): this {
      discardRest(this);
      return (super.end as (...given: unknown[]) => this)(...given);
    }
  }
  // As the responses of HTTP/1.1 have it: whether what is written still goes somewhere, and whether all of it has.
  Object.defineProperties(CompleteResponse.prototype, {
    destroyed: {
      get(this: Http2ServerResponse) {
        return this.stream.destroyed;
      },
    },
    writableFinished: {
      get(this: Http2ServerResponse) {
        return this.writableEnded && !this.stream.aborted && this.stream.rstCode === NO_ERROR;
      },
    },
  });
  const settings = {
    settings: { maxConcurrentStreams, maxHeaderListSize: limits.maxHeaderBytes, enablePush: false },
    maxHeaderListPairs: 256,
    maxSessionMemory: 16,
    ...OUTER_STREAM_RESETS,
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

/**
 * Reads what a client still sends when its answer is complete: left unread it would fill the window of the whole connection.
 * One that does not come to an end is reset.
 */
function discardRest(response: Http2ServerResponse): void {
  const { req: request, stream } = response;
  if (stream.endAfterHeaders || request.complete) return;
  const timer = setTimeout(() => stream.close(CANCEL), DISCARD_MS);
  stream.once('close', () => clearTimeout(timer));
  request.removeAllListeners('readable').resume();
}

/** The setting that Node announces binds nobody. Counts as HTTP/2 does: 32 bytes for each field besides its text. */
function refuseLargeHead(request: IncomingMessage, response: ServerResponse, maxBytes: number): boolean {
  const { rawHeaders } = request;
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, (rawHeaders.length / 2) * 32);
  if (bytes <= maxBytes) return false;
  const problem = problemOf(headTooLarge(), undefined);
  response.writeHead(problem.status, problem.headers).end(problem.body);
  return true;
}

function sayGoodbye(session: ServerHttp2Session): void {
  if (!session.closed && !session.destroyed) session.goaway(NO_ERROR, HIGHEST_STREAM);
}

async function close(app: FastifyInstance, sessions: ReadonlySet<ServerHttp2Session>): Promise<void> {
  for (const session of sessions) session.close();
  await app.close();
}
