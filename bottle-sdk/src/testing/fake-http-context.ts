import { Readable } from 'node:stream';
import { BottleError, codeOfHttpStatus } from '@bottle/protos';
import type { Bottle } from '../bottle.ts';
import type { CookieOptions, FaaSHttpContext, OneOrMany } from '../context.ts';
import { typeNamed } from '../http-results/content-type.ts';
import { serializeCookie } from '../http-results/cookies.ts';
import { headerLines } from '../http-results/header-lines.ts';
import { redirect } from '../http-results/redirect.ts';
import { sendFile } from '../http-results/send-file.ts';
import { jsonOf } from '../json-of.ts';
import { fakeContext, type FakeContextOptions } from './fake-contexts.ts';
import { fakeFormRequest } from './fake-form-request.ts';

export interface FakeHttpContextOptions extends Omit<FakeContextOptions, 'trigger'> {
  /** @default 'GET' */
  method?: string;
  /** Path and query. @default '/' */
  url?: string;
  /** Path parameters. */
  params?: Readonly<Record<string, string>>;
  /** Any case. */
  headers?: Readonly<Record<string, OneOrMany>>;
  cookies?: Readonly<Record<string, string>>;
  /** The decoded body: the same as the event that the function is called with. */
  body?: unknown;
  /** What `ctx.request.form()` resolves with. @default what `body` (text, bytes or a Readable) is by `content-type` */
  form?: FormData;
  /** @default 'localhost' */
  host?: string;
  /** @default '127.0.0.1' */
  ip?: string;
  /** What `sendFile` starts from. @default the current directory */
  projectDir?: string;
}

/** A context that shows what the function said of its response. */
export interface FakeHttpContext extends FaaSHttpContext {
  readonly response: {
    /** Undefined until the function sets it. */
    readonly status: number | undefined;
    /** Lower-case name → lines. */
    readonly headers: Readonly<Record<string, readonly string[]>>;
    /** Cookies by name, as they were set. */
    readonly cookies: Readonly<Record<string, { value: string; options?: CookieOptions }>>;
  };
}

/** The context of an HTTP invocation. */
export function fakeHttpContext(bottle: Bottle, options: FakeHttpContextOptions = {}): FakeHttpContext {
  const { method = 'GET', url = '/', params = {}, cookies = {}, body, host = 'localhost', ip = '127.0.0.1' } = options;
  const { pathname: path, searchParams } = new URL(url, 'http://localhost');
  const query = grouped(searchParams);
  const given = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers: Readonly<Record<string, OneOrMany>> = Object.fromEntries([['host', host], ...given]);
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((line) => [name, line]));
  const rawBody = Buffer.from(body === undefined ? '' : jsonOf(body));
  const response = {
    status: undefined as number | undefined,
    headers: {} as Record<string, string[]>,
    cookies: {} as Record<string, { value: string; options?: CookieOptions }>,
  };
  let result: unknown;
  let etag = true;
  const linesOf = (name: string): string[] => response.headers[name.toLowerCase()] ?? [];
  const context = fakeContext(bottle, { ...options, trigger: 'http' });
  const contentType = [headers['content-type'] ?? ''].flat().join();
  const { form } = fakeFormRequest({ form: options.form, contentType, body, signal: context.signal });
  const stream = Readable.from([rawBody]);
  const ctx: FakeHttpContext = {
    ...context,
    response,
    request: { method, url, path, query, headers, rawHeaders, body, rawBody, stream, form },
    method,
    url,
    path,
    host,
    ip,
    query,
    params,
    headers,
    get: (name) => [headers[name.toLowerCase()] ?? ''].flat().join(', '),
    cookies: {
      get: (name) => cookies[name],
      set(name, value, cookieOptions) {
        serializeCookie(name, value, cookieOptions); // throws for what is none
        response.cookies[name] = cookieOptions ? { value, options: cookieOptions } : { value };
      },
    },
    get body() {
      return result;
    },
    set body(value) {
      result = value;
    },
    get status() {
      return response.status ?? 200;
    },
    set status(status) {
      response.status = status;
    },
    get type() {
      return linesOf('content-type')[0] ?? '';
    },
    set type(type) {
      response.headers['content-type'] = headerLines('content-type', typeNamed(type));
    },
    set(name, value) {
      response.headers[name.toLowerCase()] = headerLines(name, value);
    },
    append(name, value) {
      response.headers[name.toLowerCase()] = [...linesOf(name), ...headerLines(name, value)];
    },
    get etag() {
      return etag;
    },
    set etag(isOn) {
      etag = isOn;
    },
    sendFile: (file, sendOptions = {}) => sendFile(ctx, file, sendOptions, options.projectDir ?? process.cwd()),
    redirect: (target, code = 302) => redirect(ctx, target, code),
    throw(status, message = `HTTP ${status}`) {
      const text = status < 500 ? message : `HTTP ${status}`;
      throw new BottleError(codeOfHttpStatus(status), 'function-error', text, { httpStatus: status });
    },
  };
  return ctx;
}

function grouped(entries: URLSearchParams): Record<string, OneOrMany> {
  const names = [...new Set(entries.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = entries.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}
