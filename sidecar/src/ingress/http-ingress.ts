// Endpoints: every method and path; protocols on top of HTTP take theirs, the functions' routes decide about the rest.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BottleError } from '@bottle/protos';
import { type CorsRule, preflightOf } from '../cors-rule.ts';
import type { HttpHead, HttpProtocol, UnreadBody } from '../layer.ts';
import { Invocation } from '../layer.ts';
import { Compression, type CompressionSettings } from './content-coding/compression.ts';
import { decodeRequest } from './content-coding/decode-request.ts';
import { HttpBody, NO_BODY } from './http-body.ts';
import { HttpExchange } from './http-exchange.ts';
import { HeaderNames } from './http-headers.ts';
import { createHttpListener, type ExpectingRequests, type HttpLimits, type HttpListener } from './http-listener.ts';
import { createHttp2Listener } from './http2-listener.ts';
import { hasBodyOf, headOf } from './http2-request.ts';
import { answerByProtocol } from './protocol-request.ts';
import type { ProblemOf } from '../problem.ts';
import { callerTimeoutOf } from './timeout-header.ts';
import { malformed } from './unambiguous-request.ts';

/** What functions can be asked with. */
const SERVER_METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';

export interface HttpIngressOptions {
  nextId(): string;
  limits: HttpLimits & { maxBodyBytes: number; requestTimeoutMs: number; maxDecodedRatio: number };
  /** PEM texts; an empty certificate: no TLS. With TLS the port speaks HTTP/2 as well. */
  tls: { cert: string; key: string };
  /** Whether HTTP/2 is spoken on a plain port of its own. */
  h2c: boolean;
  /** Requests under way on one HTTP/2 connection. */
  maxConcurrentStreams: number;
  compression: CompressionSettings;
  /** Looked at in this order, before the routes. */
  protocols: readonly HttpProtocol[];
  /** Which pages may read what is said of a path, for a method; see `Router.corsOf`. */
  corsOf(http: HttpHead, method: string): CorsRule | undefined;
  /** Takes the request to its function and calls back `respond`. */
  carry(invocation: Invocation, respond: HttpExchange['respond']): Promise<void>;
  /** How an error becomes an answer. */
  problemOf: ProblemOf;
  /** After each request, whatever came of it. */
  onFinished(invocation: Invocation, exchange: HttpExchange, error: BottleError | undefined): void;
}

export interface HttpIngress {
  listen(host: string, port: number): Promise<number>;
  /** The port of h2c; undefined without it. */
  listenH2c(host: string, port: number): Promise<number> | undefined;
  /** Requests whose response has not been handed over. */
  readonly inFlight: number;
  /** From now on every response closes its connection. */
  startClosing(): void;
  /** Connections that came after `startClosing` and have sent no request yet. */
  readonly awaited: number;
  /** Takes no new connections and ends server-sent events; settles when the ports are closed. */
  stopListening(): Promise<void>;
  closeIdleConnections(): void;
  /** Settles when the last connection is closed. */
  close(): Promise<void>;
}

/** All that speaks HTTP. HTTP/1.1 without TLS pays for nothing that it does not use. */
export function createHttpIngress(options: HttpIngressOptions): HttpIngress {
  const { limits, tls, h2c, maxConcurrentStreams, protocols } = options;
  const names = new HeaderNames();
  const compression = new Compression(options.compression);
  const eventStreams = new Set<HttpExchange>();
  let closing = false;
  let inFlight = 0;

  const main =
    tls.cert === ''
      ? createHttpListener({ limits, onRequest: handle })
      : createHttp2Listener({ limits, tls, maxConcurrentStreams, onRequest: handleAnyVersion });
  const plain = h2c
    ? createHttp2Listener({ limits, tls: undefined, maxConcurrentStreams, onRequest: handleAnyVersion })
    : undefined;
  const listeners: HttpListener[] = plain ? [main, plain] : [main];

  function handle(request: IncomingMessage, response: ServerResponse, expecting: ExpectingRequests): void {
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
    begin(http, request, response, hasBody ? new HttpBody(request, response, expecting.has(request)) : NO_BODY);
  }

  function handleAnyVersion(request: IncomingMessage, response: ServerResponse, expecting: ExpectingRequests): void {
    if (request.httpVersionMajor < 2) return handle(request, response, expecting);
    const body = hasBodyOf(request) ? new HttpBody(request, response, expecting.has(request)) : NO_BODY;
    const head = headOf(request, names);
    begin({ ...head, host: hostOf(head.host) }, request, response, body);
  }

  function begin(sent: HttpHead, request: IncomingMessage, response: ServerResponse, wire: UnreadBody): void {
    const { headers } = request;
    const contentEncoding = headers['content-encoding'];
    const { http, body } =
      contentEncoding === undefined || wire === NO_BODY
        ? { http: sent, body: wire }
        : decodeRequest(sent, wire, { contentEncoding, maxRatio: limits.maxDecodedRatio });
    const invocation = new Invocation({
      id: options.nextId(),
      target: { kind: 'http', http },
      body,
      callerTimeoutMs: callerTimeoutOf(headers),
      traceparent: headers['traceparent'] as string | undefined,
      baggage: headers['baggage'] as string | undefined,
    });
    const exchange = new HttpExchange({
      request,
      response,
      names,
      compression,
      invocation,
      problemOf: options.problemOf,
      isClosing: () => closing,
      eventStreams,
    });
    response.once('close', () => {
      if (!response.writableFinished) invocation.cancel('client-closed');
    });
    void serve(invocation, exchange, http);
  }

  async function serve(invocation: Invocation, exchange: HttpExchange, http: HttpHead): Promise<void> {
    let failure: BottleError | undefined;
    inFlight += 1;
    try {
      const protocol = protocolOf(http);
      if (http.url === '*') answerAsterisk(http, exchange);
      else if (protocol) failure = await answerByProtocol(protocol, { invocation, exchange, http, limits });
      else await options.carry(invocation, (outcome) => exchange.respond(outcome));
    } catch (thrown) {
      failure = await answerFailure(BottleError.from(thrown), invocation, exchange, http);
    }
    inFlight -= 1;
    invocation.clearDeadline();
    options.onFinished(invocation, exchange, failure);
  }

  /** A question about the server and not about anything on it (RFC 9110, 9.3.7). */
  function answerAsterisk(http: HttpHead, exchange: HttpExchange): void {
    if (http.method !== 'OPTIONS') throw malformed('"*" is for OPTIONS');
    exchange.answer(204, ['allow', SERVER_METHODS]);
  }

  /** For a path without a function for it: the methods of the path, and what a browser wants to know before it sends. */
  function answerOptions(allow: readonly string[], exchange: HttpExchange, http: HttpHead): void {
    const preflight = preflightOf(http.headers);
    const rule = preflight && options.corsOf(http, preflight.method);
    exchange.answer(204, ['allow', allow.join(', '), ...(rule ? rule.answer(preflight, allow) : [])]);
  }

  /** Returns what the client was told, if that is a failure. */
  async function answerFailure(
    failure: BottleError,
    invocation: Invocation,
    exchange: HttpExchange,
    http: HttpHead,
  ): Promise<BottleError | undefined> {
    if (failure.reason === 'method-not-allowed' && http.method === 'OPTIONS') {
      answerOptions(failure.details['allow'] as string[], exchange, http);
      return undefined;
    }
    if (exchange.request.headers.origin !== undefined) invocation.cors ??= options.corsOf(http, http.method);
    // It may have waited for the first table, which told of the protocol.
    const late = failure.reason === 'no-route' ? protocolOf(http) : undefined;
    if (!late) {
      exchange.fail(failure, invocation.id);
      return failure;
    }
    try {
      return await answerByProtocol(late, { invocation, exchange, http, limits });
    } catch (thrown) {
      const error = BottleError.from(thrown);
      exchange.fail(error, invocation.id);
      return error;
    }
  }

  function protocolOf(http: HttpHead): HttpProtocol | undefined {
    for (const protocol of protocols) if (protocol.isActive && protocol.claims(http)) return protocol;
    return undefined;
  }

  return {
    get inFlight() {
      return inFlight;
    },
    listen: (host, port) => main.listen(host, port),
    listenH2c: (host, port) => plain?.listen(host, port),
    startClosing() {
      closing = true;
      for (const listener of listeners) listener.startClosing();
    },
    closeIdleConnections() {
      for (const listener of listeners) listener.closeIdleConnections();
    },
    get awaited() {
      return listeners.reduce((total, listener) => total + listener.awaited, 0);
    },
    async stopListening() {
      for (const exchange of eventStreams) exchange.endStream();
      await Promise.all(listeners.map((listener) => listener.stopListening()));
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

/** The host without its port, lower-cased. */
function hostOf(header: string | undefined): string {
  if (header === undefined) return '';
  const end = header.startsWith('[') ? header.indexOf(']') + 1 : header.indexOf(':');
  return (end > 0 ? header.slice(0, end) : header).toLowerCase();
}
