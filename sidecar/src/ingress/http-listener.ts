// HTTP/1.1 on a plain socket. Fastify owns the server; a request leaves it in the first hook, untouched.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BottleError, Code } from '@bottle/protos';
import fastify, { type FastifyError, type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import { problemOf } from '../problem.ts';
import { AwaitedConnections } from './awaited-connections.ts';
import { closeListener } from './close-listener.ts';
import { answerHalfClosed } from './half-closed.ts';
import { ambiguityOf } from './unambiguous-request.ts';

export interface HttpLimits {
  maxHeaderBytes: number;
  headersTimeoutMs: number;
  keepAliveTimeoutMs: number;
  maxConnections: number;
}

export interface HttpListenerOptions {
  limits: HttpLimits;
  /** A request whose head is here. `expecting` has it if its client waits before it sends the body. */
  onRequest(request: IncomingMessage, response: ServerResponse, expecting: ExpectingRequests): void;
}

/** Requests whose clients wait for `100 Continue`. */
export type ExpectingRequests = Pick<WeakSet<IncomingMessage>, 'has'>;

/** A port that speaks HTTP. */
export interface HttpListener {
  /** Resolves with the port that was taken. */
  listen(host: string, port: number): Promise<number>;
  /** From now on connections are not kept: HTTP/1.1 responses say so themselves, HTTP/2 has to be told. */
  startClosing(): void;
  /** Connections that came after `startClosing` and have sent no request yet. */
  readonly awaited: number;
  /** Takes no new connections; settles when the port is closed. */
  stopListening(): Promise<void>;
  closeIdleConnections(): void;
  /** Settles when the last connection is closed. */
  close(): Promise<void>;
}

// An import of node:http would also load its web clients, an eighth of the start.
const { METHODS, STATUS_CODES } = process.getBuiltinModule('node:http');

export function createHttpListener({ limits, onRequest }: HttpListenerOptions): HttpListener {
  const awaited = new AwaitedConnections();
  const app = createApp(
    {
      forceCloseConnections: 'idle',
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      requestTimeout: 0,
      http: {
        maxHeaderSize: limits.maxHeaderBytes,
        headersTimeout: limits.headersTimeoutMs,
        connectionsCheckingInterval: 1_000,
      },
    },
    (...given) => {
      awaited.delete(given[0].socket);
      onRequest(...given);
    },
  );
  answerHalfClosed(app.server);
  app.server.maxConnections = limits.maxConnections === 0 ? Number.POSITIVE_INFINITY : limits.maxConnections;
  return {
    listen: (host, port) => listenOn(app, host, port),
    startClosing() {
      app.server.on('connection', (socket) => awaited.add(socket));
    },
    get awaited() {
      return awaited.size;
    },
    stopListening: () => closeListener(app.server),
    closeIdleConnections: () => app.server.closeIdleConnections(),
    close: () => app.close(),
  };
}

/** A fastify whose every request is handed over before fastify looks at it. */
export function createApp(
  options: FastifyHttpOptions<Server>,
  onRequest: HttpListenerOptions['onRequest'],
): FastifyInstance {
  const expecting = new WeakSet<IncomingMessage>();
  const refused = new WeakSet<Socket>();
  const app: FastifyInstance = fastify({
    ...options,
    logger: false,
    genReqId: () => '',
    exposeHeadRoutes: false,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => {
      if (refused.has(socket))
        socket.destroySoon(); // it has its answer
      else answerMalformed(error, socket);
    },
    frameworkErrors: (error: FastifyError, _request, reply) => {
      const problem = problemOf(new BottleError(Code.INVALID_ARGUMENT, 'bad-url', error.message), undefined);
      reply.hijack();
      reply.raw.writeHead(problem.status, problem.headers).end(problem.body);
    },
  });
  app.addHook('onRequest', (request, reply) => {
    reply.hijack();
    const ambiguity = ambiguityOf(request.raw);
    if (ambiguity) {
      refused.add(request.raw.socket);
      refuse(reply.raw, ambiguity);
    } else onRequest(request.raw, reply.raw, expecting);
  });
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: false });
  }
  app.route({ method: app.supportedMethods, url: '*', handler: neverReached });
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expecting.add(request);
    app.server.emit('request', request, response);
  });
  app.server.on('connect', (_request: IncomingMessage, tunnel: Duplex | ServerResponse) => refuseTunnel(tunnel));
  return app;
}

/**
 * Connections that wait to be accepted, as far as the system allows (net.core.somaxconn). What finds no room tries again after a
 * second, then three, then seven: of 4,000 clients that come at once the last one is connected after 0.4 s, with Node's own 511
 * after 1.4 to 2.3 s.
 */
const BACKLOG = 4_096;

/** Resolves with the port that was taken. */
export async function listenOn(app: FastifyInstance, host: string, port: number): Promise<number> {
  await app.listen({ host, port, backlog: BACKLOG });
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** The connection is not kept: where the next request on it begins is in doubt. */
function refuse(response: ServerResponse, error: BottleError): void {
  const { status, headers, body } = problemOf(error, undefined);
  if (response.req.httpVersionMajor < 2) headers.push('connection', 'close');
  response.writeHead(status, headers).end(body);
}

function neverReached(): never {
  throw new Error('requests leave fastify in the onRequest hook');
}

/** What Node's parser refused: answered on the bare socket, then closed. A broken TLS handshake has no HTTP to answer in. */
function answerMalformed(error: { code?: string }, socket: Socket): void {
  const { code = '' } = error;
  const { _httpMessage: current } = socket as { _httpMessage?: ServerResponse | null };
  const isAnswering = current?.headersSent ?? false; // a second head would be read as part of the first one's body
  if (
    !socket.writable ||
    isAnswering ||
    code === 'ECONNRESET' ||
    code.startsWith('ERR_SSL') ||
    code.startsWith('ERR_TLS')
  ) {
    socket.destroy();
    return;
  }
  socket.end(bareAnswer(malformedError(error.code)));
}

/** CONNECT. HTTP/1.1 hands over the socket, HTTP/2 a response. */
function refuseTunnel(tunnel: Duplex | ServerResponse): void {
  const error = new BottleError(Code.UNIMPLEMENTED, 'connect-refused', 'this server makes no tunnels');
  if ('writeHead' in tunnel) {
    const { status, headers, body } = problemOf(error, undefined);
    tunnel.writeHead(status, headers).end(body);
    return;
  }
  tunnel.on('error', () => {}); // it is given up either way
  const { _httpMessage: current } = tunnel as { _httpMessage?: ServerResponse | null };
  if (current) {
    tunnel.destroy(); // requests before it wait for their answers, and would get this one
    return;
  }
  tunnel.end(bareAnswer(error), () => tunnel.destroy());
}

/** A whole HTTP/1.1 response with a problem document; the last one of its connection. */
function bareAnswer(error: BottleError): string {
  const { status, headers, body } = problemOf(error, undefined);
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close'];
  for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n${body.toString()}`;
}

function malformedError(code: string | undefined): BottleError {
  if (code === 'HPE_HEADER_OVERFLOW') return headTooLarge();
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BottleError(Code.DEADLINE_EXCEEDED, 'headers-timeout', 'the request head did not arrive in time', {
      httpStatus: 408,
    });
  }
  return new BottleError(Code.INVALID_ARGUMENT, 'malformed-request', 'this is not HTTP/1.1');
}

/** Over `limits.maxHeaderBytes`. */
export function headTooLarge(): BottleError {
  const message = 'the request head is too large';
  return new BottleError(Code.INVALID_ARGUMENT, 'headers-too-large', message, { httpStatus: 431 });
}
