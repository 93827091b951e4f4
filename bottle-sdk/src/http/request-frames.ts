import type { HttpFetchRequest } from '@bottle/protos';
import { streamOf } from '../body-frames.ts';

/** What a request's body may be: all that `fetch` takes, and async iterables. */
export type HttpBody = RequestInit['body'] | AsyncIterable<Uint8Array | string>;

/** Options of `fetch`. `duplex` is always "half"; `cache`, `credentials`, `mode`, `referrer` and the like mean nothing here. */
export interface HttpRequestInit extends Omit<RequestInit, 'body'> {
  body?: HttpBody;
}

/** A request in the contract's terms. */
export interface OutgoingRequest {
  head: HttpFetchRequest;
  body: ReadableStream<Uint8Array> | null;
  signal: AbortSignal | undefined;
}

/** Only its path matters: where it leads is the sidecar's business. */
const PLACEHOLDER = 'http://upstream.invalid/';

/** Reads a request as `fetch` does, with its errors: TypeError for what is no request. */
export function toOutgoing(input: string | URL | Request, init: HttpRequestInit = {}): OutgoingRequest {
  const { signal, ...rest } = init;
  const body = toBody(init.body);
  const hasBody = body !== undefined && body !== null;
  const url = input instanceof Request ? input.url : String(input);
  const request = new Request(input instanceof Request ? input : PLACEHOLDER, {
    ...rest,
    ...(hasBody ? { body: body as NonNullable<RequestInit['body']>, duplex: 'half' } : {}),
  } as RequestInit);
  const headers = [...request.headers].flatMap(([name, value]) => [name, value]);
  const length = lengthOf(body);
  if (length !== undefined && !request.headers.has('content-length')) headers.push('content-length', String(length));
  return {
    head: {
      method: request.method.toUpperCase(),
      url,
      headers,
      hasBody: request.body !== null,
      redirect: request.redirect,
    },
    body: request.body,
    signal: signal ?? (input instanceof Request ? input.signal : undefined),
  };
}

function toBody(body: HttpBody | undefined): HttpBody | undefined {
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return body;
  const isPlain = Symbol.asyncIterator in body && !(body instanceof ReadableStream);
  return isPlain ? streamOf(body as AsyncIterable<Uint8Array | string>) : body;
}

/** Where the length is known without reading, servers that dislike chunks get it. */
function lengthOf(body: HttpBody | undefined): number | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof URLSearchParams) return Buffer.byteLength(body.toString());
  return body instanceof Blob ? body.size : undefined;
}
