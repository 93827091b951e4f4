// Endpoints: every method and path; the functions' routes decide.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { BottleError, Code } from '@bottle/protos';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { HttpHead } from '../layer.ts';
import { Invocation } from '../layer.ts';
import { HttpBody, NO_BODY } from './http-body.ts';
import { HttpExchange } from './http-exchange.ts';
import { HeaderNames } from './http-headers.ts';
import { problemOf } from '../problem.ts';
import { callerTimeoutOf } from './timeout-header.ts';

export interface HttpIngressOptions {
  nextId(): string;
  limits: { maxHeaderBytes: number; headersTimeoutMs: number; keepAliveTimeoutMs: number; maxConnections: number };
  /** Takes the request to its function and calls back `respond`. */
  carry(invocation: Invocation, respond: HttpExchange['respond']): Promise<void>;
  /** After each request, whatever came of it. */
  onFinished(invocation: Invocation, exchange: HttpExchange, error: BottleError | undefined): void;
}

export interface HttpIngress {
  listen(host: string, port: number): Promise<number>;
  /** Requests whose response has not been handed over. */
  readonly inFlight: number;
  /** From now on every response closes its connection. */
  startClosing(): void;
  /** Takes no new connections and ends server-sent events. */
  stopListening(): void;
  closeIdleConnections(): void;
  /** Settles when the last connection is closed. */
  close(): Promise<void>;
}

// An import of node:http would also load its web clients, an eighth of the start.
const { METHODS, STATUS_CODES } = process.getBuiltinModule('node:http');

/** Fastify owns the server; the request leaves it in the first hook, untouched. */
export function createHttpIngress(options: HttpIngressOptions): HttpIngress {
  const { limits } = options;
  const names = new HeaderNames();
  const expecting = new WeakSet<IncomingMessage>();
  const eventStreams = new Set<HttpExchange>();
  let closing = false;
  let inFlight = 0;

  const app: FastifyInstance = fastify({
    logger: false,
    genReqId: () => '',
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: 0,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    clientErrorHandler: (error, socket) => answerMalformed(error, socket),
    frameworkErrors: (error: FastifyError, _request, reply) => {
      const problem = problemOf(new BottleError(Code.INVALID_ARGUMENT, 'bad-url', error.message), undefined);
      reply.hijack();
      reply.raw.writeHead(problem.status, problem.headers).end(problem.body);
    },
  });
  app.addHook('onRequest', (request, reply) => {
    reply.hijack();
    handle(request.raw, reply.raw);
  });
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: false });
  }
  app.route({ method: app.supportedMethods, url: '*', handler: neverReached });
  app.server.maxConnections = limits.maxConnections === 0 ? Number.POSITIVE_INFINITY : limits.maxConnections;
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expecting.add(request);
    app.server.emit('request', request, response);
  });

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { headers } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
    const http: HttpHead = {
      method: request.method ?? '',
      url: request.url ?? '/',
      headers: names.ofRequest(request),
      contentType: headers['content-type'] ?? '',
      host: hostOf(headers.host),
      remoteAddress: request.socket.remoteAddress ?? '',
    };
    const invocation = new Invocation({
      id: options.nextId(),
      target: { kind: 'http', http },
      body: hasBody ? new HttpBody(request, response, expecting.has(request)) : NO_BODY,
      callerTimeoutMs: callerTimeoutOf(headers),
      traceparent: headers['traceparent'] as string | undefined,
      baggage: headers['baggage'] as string | undefined,
    });
    const exchange = new HttpExchange({ request, response, names, isClosing: () => closing, eventStreams });
    response.once('close', () => {
      if (!response.writableFinished) invocation.cancel('client-closed');
    });
    void serve(invocation, exchange, http);
  }

  async function serve(invocation: Invocation, exchange: HttpExchange, http: HttpHead): Promise<void> {
    let failure: BottleError | undefined;
    inFlight += 1;
    try {
      await options.carry(invocation, (outcome) => exchange.respond(outcome));
    } catch (thrown) {
      failure = BottleError.from(thrown);
      if (failure.reason === 'method-not-allowed' && http.method === 'OPTIONS') {
        exchange.answer(204, ['allow', (failure.details['allow'] as string[]).join(', ')]);
        failure = undefined;
      } else {
        exchange.fail(failure, invocation.id);
      }
    }
    inFlight -= 1;
    invocation.clearDeadline();
    options.onFinished(invocation, exchange, failure);
  }

  return {
    get inFlight() {
      return inFlight;
    },
    async listen(host, port) {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === 'object' && address ? address.port : port;
    },
    startClosing() {
      closing = true;
    },
    closeIdleConnections: () => app.server.closeIdleConnections(),
    stopListening() {
      closeWhenQuiet(app.server);
      for (const exchange of eventStreams) exchange.endStream();
    },
    close: () => app.close(),
  };
}

/** Turns of the event loop without a new connection after which the kernel's queue of them is taken to be empty. */
const QUIET_TURNS = 3;
/** Longest wait for that, in milliseconds. */
const QUIET_TIMEOUT_MS = 1_000;

/**
 * Closes a listening socket between two connections: the kernel resets those that are in its queue by then, and
 * libuv takes one out per turn. Not http.Server's own close(), which also resets connections whose next request is on
 * its way.
 */
function closeWhenQuiet(server: NetServer): void {
  const deadline = performance.now() + QUIET_TIMEOUT_MS;
  let quietTurns = 0;
  const onConnection = (): void => {
    quietTurns = 0;
  };
  const turn = (): void => {
    quietTurns += 1;
    if (quietTurns <= QUIET_TURNS && performance.now() < deadline) {
      setImmediate(turn);
      return;
    }
    server.off('connection', onConnection);
    NetServer.prototype.close.call(server);
  };
  server.on('connection', onConnection);
  setImmediate(turn);
}

function neverReached(): never {
  throw new Error('requests leave fastify in the onRequest hook');
}

/** The host without its port, lower-cased. */
function hostOf(header: string | undefined): string {
  if (header === undefined) return '';
  const end = header.startsWith('[') ? header.indexOf(']') + 1 : header.indexOf(':');
  return (end > 0 ? header.slice(0, end) : header).toLowerCase();
}

/** What Node's parser refused: answered on the bare socket, then closed. */
function answerMalformed(error: { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = problemOf(malformedError(error.code), undefined);
  const fields: string[] = [];
  for (let index = 0; index < problem.headers.length; index += 2) {
    fields.push(`${problem.headers[index]}: ${problem.headers[index + 1]}`);
  }
  const head = [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, 'connection: close', ...fields];
  socket.end(`${head.join('\r\n')}\r\n\r\n${problem.body.toString()}`);
}

function malformedError(code: string | undefined): BottleError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new BottleError(Code.INVALID_ARGUMENT, 'headers-too-large', 'the request head is too large', {
      httpStatus: 431,
    });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new BottleError(Code.DEADLINE_EXCEEDED, 'headers-timeout', 'the request head did not arrive in time', {
      httpStatus: 408,
    });
  }
  return new BottleError(Code.INVALID_ARGUMENT, 'malformed-request', 'this is not HTTP/1.1');
}
