import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { BottleError } from '@bottle/protos';
import type { Outcome, ResponseStream } from '../layer.ts';
import type { HeaderNames } from './http-headers.ts';
import { problemOf } from '../problem.ts';

/** One HTTP request and its response. Writes exactly one response, or breaks the connection off. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Response body bytes so far. */
  bytesSent = 0;
  readonly #names: HeaderNames;
  readonly #closing: () => boolean;

  constructor(request: IncomingMessage, response: ServerResponse, names: HeaderNames, closing: () => boolean) {
    this.request = request;
    this.response = response;
    this.#names = names;
    this.#closing = closing;
  }

  /** Settles when a streamed body has been handed to the operating system, at once otherwise. */
  respond({ response, stream }: Outcome): Promise<void> | void {
    const status = response.http?.status ?? 200;
    const headers = this.#headersOf(response.http?.headers ?? ['content-type', response.value?.contentType ?? '']);
    if (stream) return this.#respondStreaming(status, headers, stream);
    const { body } = response;
    if (mayHaveLength(status)) headers.push('content-length', String(body.length));
    this.#writeHead(status, headers);
    if (body.length > 0 && this.#hasBody(status)) {
      this.bytesSent = body.length;
      this.response.end(body);
    } else {
      this.response.end();
    }
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

  /** An answer without a body: OPTIONS. */
  answer(status: number, headers: string[]): void {
    this.#writeHead(status, headers);
    this.response.end();
  }

  async #respondStreaming(status: number, headers: string[], stream: ResponseStream): Promise<void> {
    this.#writeHead(status, headers);
    if (!this.#hasBody(status)) {
      stream.cancel();
      this.response.end();
      return;
    }
    this.response.flushHeaders();
    const { response } = this;
    const onClose = (): void => stream.cancel();
    response.once('close', onClose);
    try {
      for await (const chunk of stream.chunks) {
        this.bytesSent += chunk.length;
        if (!response.write(chunk) && !response.destroyed) {
          await Promise.race([once(response, 'drain'), once(response, 'close')]);
        }
        if (response.destroyed) return;
      }
      response.off('close', onClose);
      response.end();
    } catch {
      response.destroy();
    }
  }

  #writeHead(status: number, headers: string[]): void {
    if (this.#closing() || !this.request.complete) {
      // Draining, or the rest of the body is unread: this connection is not used again.
      headers.push('connection', 'close');
      this.request.resume();
    }
    this.response.writeHead(status, headers);
  }

  #headersOf(sent: readonly string[]): string[] {
    const headers: string[] = [];
    for (let index = 0; index < sent.length; index += 2) {
      const name = this.#names.forwarded(sent[index] ?? '');
      if (name !== '' && name !== 'content-length') headers.push(name, sent[index + 1] ?? '');
    }
    return headers;
  }

  #hasBody(status: number): boolean {
    return this.request.method !== 'HEAD' && mayHaveLength(status) && status !== 304;
  }
}

/** 1xx and 204 must not carry a content-length (RFC 9110, 8.6). */
function mayHaveLength(status: number): boolean {
  return status !== 204 && status >= 200;
}
