// What a function's result means. docs/functions.md has the same table.
//   undefined             what ctx.body was set to; without it, no body
//   null                  no body (204, or ctx.status)
//   string                text/plain; '' is an empty text
//   number, boolean,      application/json
//   object, array
//   Buffer, typed array,  application/octet-stream
//   ArrayBuffer, Blob
//   Readable, web stream, streamed as it comes; objects become server-sent events (text/event-stream) or
//   async iterable        JSON lines (application/x-ndjson)
//   Response              as it is; headers set on ctx are added
//   Error                 the same as throwing it
import { Readable } from 'node:stream';
import { BottleError, Code, type Response, toJson } from '@bottle/protos';
import { headerLines } from 'bottle-sdk/http-results';
import type { ResponseState } from './http-context.ts';
import { ResultStream } from './stream-format.ts';
import { isStream } from './stream-items.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';
const NO_BYTES = Buffer.alloc(0);

/** A result on its way out: a head, and either bytes or a stream. */
export interface EncodedResult {
  /** Without a body. */
  response: Response;
  bytes: Buffer;
  stream?: ResultStream | undefined;
}

/** The codings that clients undo. */
const UNDONE = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'identity']);
/** Headers of an answer that hold only before its codings are undone. */
const OF_CODED_BODY = ['content-encoding', 'content-length', 'content-md5', 'content-digest', 'digest', 'etag'];

interface Payload {
  contentType: string | undefined;
  bytes: Buffer;
  stream?: ResultStream;
}

/** An HTTP result with the response state that the function left on its context. */
export function encodeHttpResult(result: unknown, state: ResponseState | undefined): EncodedResult {
  const value = result === undefined ? state?.body : result;
  if (value instanceof Error) throw value;
  if (hasTag(value, 'Response')) return encodeWebResponse(value as globalThis.Response, state);
  const chosenType = state?.headers.get('content-type')?.[0];
  const isEmpty = value === undefined || value === null;
  const payload = isEmpty ? { contentType: undefined, bytes: NO_BYTES } : encodeValue(value, chosenType);
  const headers: string[] = [];
  if (payload.contentType !== undefined && chosenType === undefined) headers.push('content-type', payload.contentType);
  if (state) for (const [name, lines] of state.headers) for (const line of lines) headers.push(name, line);
  const status = state?.status ?? (isEmpty ? 204 : 200);
  return { response: { http: { status, headers } }, bytes: payload.bytes, stream: payload.stream };
}

/** The result of an event: every value but bytes and streams is JSON, undefined is no body. */
export function encodeEventResult(result: unknown): EncodedResult {
  if (result instanceof Error) throw result;
  if (result === undefined) return { response: { value: { contentType: JSON_TYPE } }, bytes: NO_BYTES };
  const isBinary = isBytes(result) || isStream(result);
  const payload = isBinary
    ? encodeValue(result, undefined)
    : { contentType: JSON_TYPE, bytes: jsonBytes(result), stream: undefined };
  return {
    response: { value: { contentType: payload.contentType ?? '' } },
    bytes: payload.bytes,
    stream: payload.stream,
  };
}

function encodeValue(value: unknown, chosenType: string | undefined): Payload {
  if (typeof value === 'string') return { contentType: TEXT_TYPE, bytes: Buffer.from(value) };
  if (isBytes(value)) return { contentType: BYTES_TYPE, bytes: toBuffer(value) };
  if (isBlob(value)) {
    const blob = value;
    const stream = new ResultStream(blob.stream(), undefined);
    return { contentType: blob.type || BYTES_TYPE, bytes: NO_BYTES, stream };
  }
  if (isStream(value)) {
    assertUnread(value instanceof Readable && value.readableEnded && !value.errored, 'stream');
    return { contentType: BYTES_TYPE, bytes: NO_BYTES, stream: new ResultStream(value, chosenType) };
  }
  return { contentType: JSON_TYPE, bytes: jsonBytes(value) };
}

function encodeWebResponse(response: globalThis.Response, state: ResponseState | undefined): EncodedResult {
  assertUnread(response.bodyUsed || (response.body?.locked ?? false), 'Response');
  const headers: string[] = [];
  // Several Set-Cookie come one by one. Headers take more control characters than HTTP carries.
  for (const [name, value] of decodedHeadersOf(response)) headers.push(name, ...headerLines(name, value));
  for (const [name, lines] of state?.headers ?? []) {
    if (response.headers.has(name) && name !== 'set-cookie') continue;
    for (const line of lines) headers.push(name, line);
  }
  const encoded: EncodedResult = { response: { http: { status: response.status, headers } }, bytes: NO_BYTES };
  if (response.body)
    encoded.stream = new ResultStream(response.body, response.headers.get('content-type') ?? undefined);
  return encoded;
}

/** The headers of a Response as they hold for its body: whoever fetched an answer has undone its codings. */
export function decodedHeadersOf({ url, headers }: globalThis.Response): Headers {
  if (url === '' || !isDecoded(headers)) return headers;
  const left = new Headers(headers);
  for (const name of OF_CODED_BODY) left.delete(name);
  const etag = left.get('etag');
  if (etag?.startsWith('"')) left.set('etag', `W/${etag}`);
  return left;
}

function isDecoded(headers: Headers): boolean {
  const codings = headers.get('content-encoding')?.split(',') ?? [];
  return codings.length > 0 && codings.every((coding) => UNDONE.has(coding.trim().toLowerCase()));
}

/** Its content is gone, or somebody else's: an empty body would look like a whole one. */
function assertUnread(isRead: boolean, what: string): void {
  if (!isRead) return;
  const message = `the function returned a ${what} whose body has already been read`;
  throw new BottleError(Code.INTERNAL, 'body-already-read', message, { cause: new TypeError('the body is used') });
}

function jsonBytes(value: unknown): Buffer {
  const text = toJson(value);
  if (text === undefined) throw new TypeError(`a ${typeof value} is not a result: it has no JSON form`);
  return Buffer.from(text);
}

/** Files are blobs, too. */
export function isBlob(value: unknown): value is Blob {
  return hasTag(value, 'Blob') || hasTag(value, 'File');
}

/** Asks by tag: naming the class would load Node's web APIs for results that have nothing to do with them. */
function hasTag(value: unknown, tag: 'Response' | 'Blob' | 'File'): boolean {
  return Object.prototype.toString.call(value) === `[object ${tag}]`;
}

function isBytes(value: unknown): value is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function toBuffer(value: ArrayBufferView | ArrayBuffer): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return value instanceof ArrayBuffer
    ? Buffer.from(value)
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
