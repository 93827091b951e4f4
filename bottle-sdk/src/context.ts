import type { Readable } from 'node:stream';
import type { Bottle } from './bottle.ts';
import type { Duration } from './duration.ts';
import type { FormOptions } from './form/form-options.ts';
import type { ReceivedMetadata } from './rpc/grpc-metadata.ts';

/** A structured logger; every line carries the invocation's id. */
export interface FaaSLogger {
  trace(fields: object, message?: string): void;
  trace(message: string): void;
  debug(fields: object, message?: string): void;
  debug(message: string): void;
  info(fields: object, message?: string): void;
  info(message: string): void;
  warn(fields: object, message?: string): void;
  warn(message: string): void;
  error(fields: object, message?: string): void;
  error(message: string): void;
}

/** What every invocation knows, whatever started it. */
export interface FaaSContext {
  /** The invocation's id: 32 hex digits. */
  readonly requestId: string;
  /** The function's name in serverless.yml. */
  readonly functionName: string;
  readonly trigger: 'http' | 'event' | 'mq' | 'timer' | 'rpc' | 'cloudevent' | 'gateway';
  /** What the trigger says of the event: "topic", "partition", "attempt". Empty for HTTP. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Aborts when the answer is no longer wanted: the deadline passed, the client left, the pod stops. */
  readonly signal: AbortSignal;
  /** When the answer must be there: Unix time in milliseconds. */
  readonly deadline: number;
  /** W3C trace context that belongs to this invocation. */
  readonly traceparent: string;
  /** W3C baggage of the caller; empty when there is none. */
  readonly baggage: string;
  /** The function that called; empty for the outside world. */
  readonly caller: string;
  readonly logger: FaaSLogger;
  /** `provider.environment` and the function's own, over the process's. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The invocation as the sidecar sent it. */
  readonly originContext: unknown;
  /** The body's bytes as they came. */
  readonly originEvent: Uint8Array;
  /** Calls into the platform, in the name of this invocation. */
  readonly bottle: Bottle;
}

/** Values of one query key or header: a string, or all of them when it was repeated. */
export type OneOrMany = string | string[];

/** A request whose body may be a form. */
export interface FormRequest {
  /**
   * The body of multipart/form-data or application/x-www-form-urlencoded, with `File` objects for files. Those above 1 MB are
   * in temporary files until the invocation is over. On routes with `stream: true` it is read as it comes, never whole. The
   * second call has the result of the first one. Rejects with `not-a-form` (415), `bad-form` (400), `form-too-large` (413)
   * beyond a limit, and `body-already-read` when somebody else has begun to read it.
   */
  form(options?: FormOptions): Promise<FormData>;
}

/** The request of an HTTP invocation. */
export interface FaaSRequest extends FormRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Path alone, undecoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, OneOrMany>>;
  readonly headers: Readonly<Record<string, OneOrMany | undefined>>;
  /** Alternating lower-case name and value, in the order received. */
  readonly rawHeaders: readonly string[];
  /**
   * The decoded body, the same as `event`: JSON parsed, form fields as an object, text as a string, anything else as
   * a Buffer, undefined without a body. A Readable on routes with `stream: true`.
   */
  readonly body: unknown;
  /** The bytes as they came; empty on routes with `stream: true`. */
  readonly rawBody: Buffer;
  /** The body as a stream, on every route. */
  readonly stream: Readable;
}

export interface CookieOptions {
  /** Seconds. */
  maxAge?: number;
  expires?: Date;
  domain?: string;
  /** @default '/' */
  path?: string;
  secure?: boolean;
  /** @default true */
  httpOnly?: boolean;
  sameSite?: 'strict' | 'lax' | 'none';
}

export interface Cookies {
  get(name: string): string | undefined;
  /** Adds a Set-Cookie header; an empty value with `maxAge: 0` deletes. */
  set(name: string, value: string, options?: CookieOptions): void;
}

export interface SendFileOptions {
  /**
   * The folder that the file must be in, links followed; from the project's folder unless it is absolute. Give one whenever
   * the path comes from the client. @default the project's folder
   */
  root?: string;
  /** @default by the ending of the file's name; application/octet-stream for those that nobody knows */
  contentType?: string;
  /** Cache-Control: how long others may keep it. @default the header is not set */
  maxAge?: Duration;
  /** With `maxAge`: the file at this URL never changes. @default false */
  immutable?: boolean;
  /** Content-Disposition: a client saves it, under this name, or the file's own with `true`. @default false */
  download?: boolean | string;
  /** Whether files and folders whose names begin with a dot are sent. @default false */
  dotFiles?: boolean;
}

/** The context of an HTTP invocation, Koa-like. */
export interface FaaSHttpContext extends FaaSContext {
  readonly request: FaaSRequest;
  readonly method: string;
  readonly url: string;
  readonly path: string;
  /** The host without its port. */
  readonly host: string;
  /** The client's address. */
  readonly ip: string;
  readonly query: Readonly<Record<string, OneOrMany>>;
  /** Decoded path parameters; a wildcard's is named `*`. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, OneOrMany | undefined>>;
  /** A request header, '' when absent; repeated ones joined by ", ". */
  get(name: string): string;
  readonly cookies: Cookies;

  /** The result, for functions that return undefined. */
  body: unknown;
  /** @default 200, or 204 when there is no body */
  status: number;
  /** The response's content-type. Set to the ending of a file ("html", ".png"), it is the type of such files. */
  type: string;
  /** Sets a response header; several values make several lines. */
  set(name: string, value: string | readonly string[]): void;
  /** Adds a line to a response header. */
  append(name: string, value: string | readonly string[]): void;
  /**
   * Whether a GET or HEAD that is answered with 200 and a body that does not stream gets an ETag, and 304 when the client
   * has it. An ETag of the function's own counts in any case. @default `etag` in serverless.yml, or true
   */
  etag: boolean;
  /**
   * Makes a file the answer: `await ctx.sendFile('logo.svg', { root: 'public' })`, or return it. With ETag, Last-Modified
   * and Content-Type, 304, 206 for a Range and 416 for one that is outside; read as it is sent. Rejects with NOT_FOUND
   * (404) for what is no file in its root.
   */
  sendFile(path: string, options?: SendFileOptions): Promise<void>;
  /**
   * Sends the client to another URL, and is the answer where the function returns nothing.
   * `status`: 301, 302, 303, 307 or 308. @default 302
   */
  redirect(url: string, status?: number): void;
  /** Ends the invocation with an HTTP error. The message reaches the client for 4xx only. */
  throw(status: number, message?: string): never;
}

/** The context of a request of the signed gateway. */
export interface FaaSGatewayContext extends FaaSContext {
  readonly request: FormRequest;
  readonly gateway: {
    /** "shop.cart.add" */
    readonly api: string;
    /** "1.0" */
    readonly version: string;
    /** Which app signed the request. */
    readonly appKey: string;
    /** The client's device, as it says itself; empty when it does not. */
    readonly device: string;
    /** The session, as the operator's session resource keeps it; undefined when nobody is signed in. */
    readonly session: Readonly<Record<string, unknown>> | undefined;
  };
}

/** One value of a metadata entry, or several; bytes only for names that end in -bin. */
export type RpcValues = string | Uint8Array | readonly (string | Uint8Array)[];

/** The gRPC call behind an invocation. */
export interface RpcCallInfo {
  /** "shop.v1.Stock" */
  readonly service: string;
  /** "Reserve" */
  readonly method: string;
  /** The caller's address and port. */
  readonly peer: string;
  /** What the caller sent, by lower-case name; entries whose names end in -bin are Buffers. */
  readonly metadata: ReceivedMetadata;
  /** The values of one entry as text, joined by ", "; '' when there are none. */
  get(name: string): string;
  /**
   * Sets an entry of the response's head, before the first message. Throws TypeError for names that belong to gRPC, and
   * for text that is not ASCII.
   */
  setMetadata(name: string, values: RpcValues): void;
  /** Sets an entry of what follows the last message, or the error. Throws as `setMetadata` does. */
  setTrailer(name: string, values: RpcValues): void;
  /**
   * Sends the head now, before the first message is there: the function's `timeout` is met by it. For methods that answer
   * with a stream; does nothing for others.
   */
  sendMetadata(): void;
}

/** The context of a gRPC method's invocation. */
export interface FaaSRpcContext extends FaaSContext {
  readonly rpc: RpcCallInfo;
}
