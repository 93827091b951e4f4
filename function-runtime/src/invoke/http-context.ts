import { Readable } from 'node:stream';
import { BottleError, codeOfHttpStatus, type HttpRequest__Output } from '@bottle/protos';
import type { CookieOptions, Cookies, FaaSHttpContext, FaaSRequest, OneOrMany, SendFileOptions } from 'bottle-sdk';
import {
  formRequest,
  headerLines,
  parseCookies,
  redirect,
  sendFile,
  serializeCookie,
  typeNamed,
} from 'bottle-sdk/http-results';
import { BaseContext, type ContextHost } from './base-context.ts';

/** What the function said of its response besides the result. */
export interface ResponseState {
  body: unknown;
  /** Undefined until set. */
  status: number | undefined;
  /** Lower-case name → lines. */
  headers: Map<string, string[]>;
}

export interface HttpContextOptions {
  /** The decoded body. */
  event: unknown;
  /** The body that is not decoded, on routes that want it so. */
  stream: Readable | undefined;
  etag: boolean;
}

/** The Koa-like context of an HTTP invocation. Everything is parsed when it is first asked for. */
export class HttpContext extends BaseContext implements FaaSHttpContext {
  readonly #http: HttpRequest__Output;
  readonly #event: unknown;
  readonly #stream: Readable | undefined;
  /** Whether the platform may make an ETag of the result. */
  etag: boolean;
  #query: Record<string, OneOrMany> | undefined;
  #headers: Record<string, OneOrMany | undefined> | undefined;
  #params: Record<string, string> | undefined;
  #cookies: Cookies | undefined;
  #request: FaaSRequest | undefined;

  constructor(host: ContextHost, http: HttpRequest__Output, { event, stream, etag }: HttpContextOptions) {
    super(host);
    this.#http = http;
    this.#event = event;
    this.#stream = stream;
    this.etag = etag;
  }

  get method(): string {
    return this.#http.method;
  }
  get url(): string {
    return this.#http.url;
  }
  get path(): string {
    const end = this.#http.url.indexOf('?');
    return end === -1 ? this.#http.url : this.#http.url.slice(0, end);
  }
  get ip(): string {
    return this.#http.remoteAddress;
  }
  get host(): string {
    return this.get('host').replace(/:\d+$/, '');
  }
  get query(): Readonly<Record<string, OneOrMany>> {
    this.#query ??= parseQuery(this.#http.url);
    return this.#query;
  }
  get params(): Readonly<Record<string, string>> {
    this.#params ??= parseParams(this.#http.params);
    return this.#params;
  }
  get headers(): Readonly<Record<string, OneOrMany | undefined>> {
    this.#headers ??= parseHeaders(this.#http.headers);
    return this.#headers;
  }
  get(name: string): string {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  get cookies(): Cookies {
    this.#cookies ??= {
      get: (name) => parseCookies(this.get('cookie'))[name],
      set: (name: string, value: string, options?: CookieOptions) =>
        this.append('set-cookie', serializeCookie(name, value, options)),
    };
    return this.#cookies;
  }
  get request(): FaaSRequest {
    this.#request ??= this.#createRequest();
    return this.#request;
  }

  get body(): unknown {
    return this.host$.httpResponse?.body;
  }
  set body(value: unknown) {
    this.response.body = value;
  }
  get status(): number {
    return this.host$.httpResponse?.status ?? 200;
  }
  set status(status: number) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`status must be a whole number from 200 to 599, not ${status}`);
    }
    this.response.status = status;
  }
  get type(): string {
    return this.host$.httpResponse?.headers.get('content-type')?.[0] ?? '';
  }
  set type(type: string) {
    this.set('content-type', typeNamed(type));
  }
  set(name: string, value: string | readonly string[]): void {
    this.response.headers.set(name.toLowerCase(), headerLines(name, value));
  }
  append(name: string, value: string | readonly string[]): void {
    const lines = this.response.headers.get(name.toLowerCase()) ?? [];
    this.response.headers.set(name.toLowerCase(), [...lines, ...headerLines(name, value)]);
  }
  sendFile(path: string, options: SendFileOptions = {}): Promise<void> {
    return sendFile(this, path, options, this.host$.process.projectDir ?? process.cwd());
  }
  redirect(url: string, status = 302): void {
    redirect(this, url, status);
  }
  throw(status: number, message?: string): never {
    const text = status < 500 && message !== undefined ? message : `HTTP ${status}`;
    throw new BottleError(codeOfHttpStatus(status), 'function-error', text, { httpStatus: status });
  }

  /** For the runtime: made when the function first touches its response. */
  get response(): ResponseState {
    this.host$.httpResponse ??= { body: undefined, status: undefined, headers: new Map() };
    return this.host$.httpResponse;
  }
  get originHttp(): HttpRequest__Output {
    return this.#http;
  }

  #createRequest(): FaaSRequest {
    const { method, url, path, query, headers } = this;
    const { body: rawBody, contentType } = this.host$.request;
    // A body that came in pieces and was collected is in `rawBody`.
    const stream =
      (rawBody.length === 0 ? this.#stream : undefined) ?? Readable.from(rawBody.length > 0 ? [rawBody] : []);
    const { form } = formRequest(() => {
      const { signal, temporaryFiles: store } = this.host$;
      const source = (): Readable => (rawBody.length > 0 ? Readable.from([rawBody]) : stream);
      return { contentType: this.get('content-type') || contentType, source, signal, store };
    });
    const rawHeaders = this.#http.headers;
    return { method, url, path, query, headers, rawHeaders, body: this.#event, rawBody, stream, form };
  }
}

/** Repeated keys become lists; the object has no prototype, so no key is special. */
function parseQuery(url: string): Record<string, OneOrMany> {
  const query: Record<string, OneOrMany> = Object.create(null) as Record<string, OneOrMany>;
  const start = url.indexOf('?');
  if (start === -1) return query;
  for (const [key, value] of new URLSearchParams(url.slice(start + 1))) query[key] = add(query[key], value);
  return query;
}

function parseParams(list: readonly string[]): Record<string, string> {
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let index = 0; index < list.length; index += 2) params[list[index] ?? ''] = list[index + 1] ?? '';
  return params;
}

function parseHeaders(list: readonly string[]): Record<string, OneOrMany | undefined> {
  const headers: Record<string, OneOrMany | undefined> = Object.create(null) as Record<string, OneOrMany | undefined>;
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? '';
    headers[name] = add(headers[name], list[index + 1] ?? '');
  }
  return headers;
}

function add(present: OneOrMany | undefined, value: string): OneOrMany {
  if (present === undefined) return value;
  return Array.isArray(present) ? [...present, value] : [present, value];
}
