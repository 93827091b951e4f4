import type { IncomingMessage, ServerResponse } from 'node:http';
import { BottleError, Code, WriteFlow } from '@bottle/protos';
import type { Outcome, ResponseStream } from '../layer.ts';
import type { HeaderNames } from './http-headers.ts';
import { problemOf } from '../problem.ts';

const ONE_WRITE_BYTES = 8 * 1024;
/** How long a client may go on sending a body that nobody wants. */
const DISCARD_MS = 5_000;

export interface HttpExchangeOptions {
  request: IncomingMessage;
  response: ServerResponse;
  names: HeaderNames;
  /** Whether connections shall not be kept. */
  isClosing(): boolean;
  /** Where an exchange is found while it sends server-sent events. */
  eventStreams: Set<HttpExchange>;
}

/** One HTTP request and its response. Writes exactly one response, or breaks the connection off. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Response body bytes so far. */
  bytesSent = 0;
  readonly #options: HttpExchangeOptions;
  #endStream: (() => void) | undefined;

  constructor(options: HttpExchangeOptions) {
    this.request = options.request;
    this.response = options.response;
    this.#options = options;
  }

  /** Ends a streamed response as if the function had: for event streams, whose readers come again. */
  endStream(): void {
    this.#endStream?.();
  }

  /** Settles when a streamed body has been handed to the operating system, at once otherwise. */
  respond({ response, stream }: Outcome): Promise<void> | void {
    const status = response.http?.status ?? 200;
    const { headers, declaredLength } = this.#headersOf(response.http?.headers ?? []);
    if (stream) return this.#respondStreaming(status, headers, declaredLength, stream);
    const { body } = response;
    const answersHead = this.request.method === 'HEAD' && body.length === 0;
    const length = answersHead ? (declaredLength ?? '0') : String(body.length);
    if (mayHaveLength(status)) headers.push('content-length', length);
    this.#writeFunctionHead(status, headers);
    if (body.length === 0 || !this.#hasBody(status)) {
      this.response.end();
      return;
    }
    this.bytesSent = body.length;
    // As text of the same bytes a small body leaves in one write with its head, not two.
    if (body.length <= ONE_WRITE_BYTES) this.response.end(body.toString('latin1'), 'latin1');
    else this.response.end(body);
  }

  fail(error: BottleError, invocationId: string): void {
    if (this.response.headersSent) {
      this.response.destroy(); // a cut-off body must not look complete
      return;
    }
    const { status, headers, body } = problemOf(error, invocationId);
    this.#writeHead(status, headers);
    this.bytesSent = body.length;
    this.response.end(this.#hasBody(status) ? body : undefined);
  }

  /** An answer of the ingress itself, or of a protocol on top of HTTP. */
  answer(status: number, headers: readonly string[], body?: Buffer): void {
    const length = body && mayHaveLength(status) ? ['content-length', String(body.length)] : [];
    this.#writeHead(status, [...headers, ...length]);
    this.bytesSent = body?.length ?? 0;
    this.response.end(this.#hasBody(status) ? body : undefined);
  }

  async #respondStreaming(
    status: number,
    headers: string[],
    declaredLength: string | undefined,
    stream: ResponseStream,
  ): Promise<void> {
    if (declaredLength !== undefined && mayHaveLength(status)) headers.push('content-length', declaredLength);
    try {
      this.#writeFunctionHead(status, headers);
    } catch (error) {
      stream.cancel();
      throw error;
    }
    if (!this.#hasBody(status)) {
      stream.cancel();
      this.response.end();
      return;
    }
    this.response.flushHeaders();
    const { response } = this;
    const { eventStreams } = this.#options;
    const isEvents = headers.some(
      (item, index) => index % 2 === 0 && item === 'content-type' && isEventStream(headers[index + 1]),
    );
    let endedHere = false;
    this.#endStream = () => {
      endedHere = true;
      stream.cancel();
    };
    if (isEvents) eventStreams.add(this);
    const flow = new WriteFlow(response);
    const onClose = (): void => stream.cancel();
    response.once('close', onClose);
    try {
      for await (const chunk of stream.chunks) {
        this.bytesSent += chunk.length;
        if (!response.write(chunk)) await flow.untilWritable();
        if (response.destroyed) return;
      }
      if (declaredLength === undefined || this.bytesSent === Number(declaredLength)) response.end();
      else response.destroy(); // the function promised another length
    } catch {
      if (endedHere) response.end();
      else response.destroy();
    } finally {
      response.off('close', onClose);
      eventStreams.delete(this);
    }
  }

  /** The runtime refuses what cannot be written where the function says it; others that speak its protocol may not. */
  #writeFunctionHead(status: number, headers: string[]): void {
    try {
      this.#writeHead(status, headers);
    } catch (cause) {
      const message = 'the function answered with a head that HTTP cannot carry';
      throw new BottleError(Code.INTERNAL, 'function-error', message, { cause });
    }
  }

  #writeHead(status: number, headers: string[]): void {
    if (this.#options.isClosing()) headers.push('connection', 'close');
    if (!this.request.complete) this.response.once('finish', () => discardRest(this.request));
    this.response.writeHead(status, headers);
  }

  /** The fields that travel on; the length is written here, where the body is known. */
  #headersOf(sent: readonly string[]): { headers: string[]; declaredLength: string | undefined } {
    const headers: string[] = [];
    let declaredLength: string | undefined;
    for (let index = 0; index < sent.length; index += 2) {
      const name = this.#options.names.forwarded(sent[index] ?? '');
      const value = sent[index + 1] ?? '';
      if (name === 'content-length') declaredLength = value;
      else if (name !== '') headers.push(name, value);
    }
    return { headers, declaredLength };
  }

  #hasBody(status: number): boolean {
    return this.request.method !== 'HEAD' && mayHaveLength(status) && status !== 304;
  }
}

/** 1xx and 204 must not carry a content-length (RFC 9110, 8.6). */
function mayHaveLength(status: number): boolean {
  return status !== 204 && status >= 200;
}

/** Reads what the client still sends: closing on it would reset the connection, and the answer with it. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), DISCARD_MS);
  request.once('close', () => clearTimeout(timer));
  request.removeAllListeners('readable').resume(); // an iterator that stands still would hold the flow
}

function isEventStream(contentType: string | undefined): boolean {
  return contentType?.startsWith('text/event-stream') ?? false;
}
