import type { IncomingMessage, ServerResponse } from 'node:http';
import { BottleError, Code } from '@bottle/protos';
import { REQUEST_ID } from '../invocation-ids.ts';
import type { ByteStream, HttpAnswerMessage, Invocation, Outcome, ResponseStream } from '../layer.ts';
import type { ProblemOf } from '../problem.ts';
import type { ResponseCoding } from './content-coding/accepted-codings.ts';
import { compressBytes, compressed } from './content-coding/compress.ts';
import { type Compression, markCoded } from './content-coding/compression.ts';
import { exactly } from './exact-length.ts';
import type { HeaderNames } from './http-headers.ts';

// An import of node:http would also load its web clients, an eighth of the start.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/** How long what was written before a body broke off may take to leave. */
const LAST_WRITE_MS = 250;
const ONE_WRITE_BYTES = 8 * 1024;
/** What a connection may hold of a stream that its client does not take, in bytes, before no more is asked for. */
const HELD_BYTES = 16 * 1024;
/** How long a client may go on sending a body that nobody wants. */
const DISCARD_MS = 5_000;

export interface HttpExchangeOptions {
  request: IncomingMessage;
  response: ServerResponse;
  names: HeaderNames;
  compression: Compression;
  invocation: Pick<Invocation, 'cors' | 'id'>;
  /** How an error becomes an answer. */
  problemOf: ProblemOf;
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
  /** The response broke off after its head. */
  isCutOff = false;
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

  /** Settles when the body has been handed to the operating system, at once where that takes no waiting. */
  respond({ response, stream }: Outcome): Promise<void> | void {
    const status = response.http?.status ?? 200;
    const { headers, declaredLength } = this.#options.names.ofResponse(response.http?.headers ?? []);
    if (stream) return this.#respondStreaming(status, headers, declaredLength, stream);
    const { body } = response;
    const answersHead = this.request.method === 'HEAD' && body.length === 0;
    return this.#respondWith(status, headers, body, answersHead ? (declaredLength ?? 0) : body.length);
  }

  #respondWith(status: number, headers: string[], body: Buffer, length: number): Promise<void> | void {
    const { request } = this;
    if (status === 304) this.#options.compression.revalidate(request, headers);
    const coding = this.#options.compression.choose({ request, status, headers, length });
    if (coding) return this.#respondCompressed(status, headers, body, coding);
    this.#respondWhole(status, headers, length, body);
  }

  #respondWhole(status: number, headers: string[], length: number, body: Buffer): void {
    if (mayHaveLength(status)) headers.push('content-length', String(status === 205 ? 0 : length));
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

  async #respondCompressed(status: number, headers: string[], body: Buffer, coding: ResponseCoding): Promise<void> {
    if (!this.#hasBody(status)) {
      markCoded(headers, coding); // what GET would say, without a length: nobody has compressed anything
      this.#writeFunctionHead(status, headers);
      this.response.end();
      return;
    }
    const smaller = await compressBytes(coding, body);
    const pays = smaller.length < body.length;
    if (pays) markCoded(headers, coding);
    const sent = pays ? smaller : body;
    if (!this.response.destroyed) this.#respondWhole(status, headers, sent.length, sent);
  }

  fail(error: BottleError, invocationId: string): void {
    if (this.response.headersSent) {
      this.#cutOff();
      return;
    }
    const { status, headers: said, body } = this.#options.problemOf(error, invocationId, this.request);
    const { headers } = this.#options.names.ofResponse(said); // a function's own among them
    headers.push('content-length', String(body.length));
    this.#writeHead(status, headers);
    this.bytesSent = body.length;
    this.response.end(this.#hasBody(status) ? body : undefined);
  }

  /** The answer of a protocol on top of HTTP. */
  answerWith({ status, headers, body }: HttpAnswerMessage): Promise<void> | void {
    return this.#respondWith(status, [...headers], body, body.length);
  }

  /** An answer of the ingress itself, without a body. */
  answer(status: number, headers: readonly string[]): void {
    this.#writeHead(status, [...headers]);
    this.response.end();
  }

  async #respondStreaming(
    status: number,
    headers: string[],
    declaredLength: number | undefined,
    stream: ResponseStream,
  ): Promise<void> {
    const { request } = this;
    const length = declaredLength ?? Number.POSITIVE_INFINITY;
    const coding = this.#options.compression.choose({ request, status, headers, length });
    if (coding) markCoded(headers, coding);
    else if (declaredLength !== undefined && mayHaveLength(status)) headers.push('content-length', `${declaredLength}`);
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
    const writes = new PendingWrites();
    const onClose = (): void => {
      stream.cancel();
      writes.release();
    };
    response.once('close', onClose);
    try {
      for await (const chunk of bodyOf(stream.chunks, declaredLength, coding)) {
        this.bytesSent += chunk.length;
        const hasRoom = response.write(chunk, writes.begin());
        if (!hasRoom || response.writableLength > HELD_BYTES) await writes.untilDone();
        if (response.destroyed) return;
      }
      response.end();
    } catch (thrown) {
      stream.cancel();
      if (response.destroyed) return; // its client has left
      if (endedHere) response.end();
      else {
        await writes.untilDone({ timeoutMs: LAST_WRITE_MS });
        throw thrown; // and `fail` cuts it off
      }
    } finally {
      response.off('close', onClose);
      eventStreams.delete(this);
    }
  }

  /** The runtime refuses what cannot be written where the function says it; others that speak its protocol may not. */
  #writeFunctionHead(status: number, headers: string[]): void {
    try {
      if (status < 200 || status > 599) throw new RangeError(`${status} is not a status of a final response`);
      if (this.request.httpVersionMajor === 2) assertValid(headers);
      this.#writeHead(status, headers);
    } catch (cause) {
      const message = 'the function answered with a head that HTTP cannot carry';
      throw new BottleError(Code.INTERNAL, 'function-error', message, { cause });
    }
  }

  /**
   * A body that breaks off must not look complete: HTTP/1.1 gets no last chunk, HTTP/2 a RST_STREAM. Not by the HTTP/2
   * stream's `close`, which sends its end first.
   */
  #cutOff(): void {
    this.isCutOff = true;
    this.response.destroy(new Error('the response was cut off'));
  }

  #writeHead(status: number, headers: string[]): void {
    const { invocation, isClosing } = this.#options;
    if (isClosing()) headers.push('connection', 'close');
    if (!hasRequestId(headers)) headers.push(REQUEST_ID, invocation.id);
    if (invocation.cors) invocation.cors.addTo(headers, this.request.headers.origin);
    if (!this.request.complete) this.response.once('finish', () => discardRest(this.request));
    this.response.writeHead(status, headers);
  }

  #hasBody(status: number): boolean {
    return this.request.method !== 'HEAD' && mayHaveLength(status) && status !== 205;
  }
}

/** Counts what was written and has not been handed to the operating system. */
class PendingWrites {
  #count = 0;
  #isReleased = false;
  #onDone: (() => void) | undefined;

  /** The callback of one write more. */
  begin(): () => void {
    this.#count += 1;
    return this.#onWritten;
  }

  async untilDone({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    if (this.#count === 0 || this.#isReleased) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
      this.#onDone = resolve;
    });
    clearTimeout(timer);
  }

  /** The connection is gone: some of them may never be told. */
  release(): void {
    this.#isReleased = true;
    this.#onDone?.();
  }

  readonly #onWritten = (): void => {
    this.#count -= 1;
    if (this.#count === 0) this.#onDone?.();
  };
}

/** What is sent of a stream: as much as was declared, compressed. */
function bodyOf(
  chunks: ByteStream,
  declaredLength: number | undefined,
  coding: ResponseCoding | undefined,
): ByteStream {
  const body = declaredLength === undefined ? chunks : exactly(chunks, declaredLength);
  return coding ? compressed(coding, body) : body;
}

/** HTTP/2 leaves out the fields that it cannot carry, and says nothing. */
function assertValid(headers: readonly string[]): void {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    validateHeaderName(name);
    validateHeaderValue(name, headers[index + 1] ?? '');
  }
}

/** 204 must not carry a content-length, and 304 only that of another answer (RFC 9110, 8.6). */
function mayHaveLength(status: number): boolean {
  return status !== 204 && status !== 304;
}

/** Reads what the client still sends: closing on it would reset the connection, and the answer with it. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy(); // else its connection may be at work on the next one
  }, DISCARD_MS);
  request.once('close', () => clearTimeout(timer));
  request.removeAllListeners('readable').resume(); // an iterator that stands still would hold the flow
}

/** The function may have said its own. */
function hasRequestId(headers: readonly string[]): boolean {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === REQUEST_ID) return true;
  return false;
}

function isEventStream(contentType: string | undefined): boolean {
  return contentType?.startsWith('text/event-stream') ?? false;
}
