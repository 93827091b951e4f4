// What becomes of a function's result under the conditions of its request (RFC 9110, 13 and 14), here and not in the
// sidecar, so that a body that the client has, or does not want, does not travel.
//  1. Conditions and ranges are for GET and HEAD that the function answers with 200.
//  2. The platform makes an ETag for bodies that do not stream: not for one that is not to be stored, nor for one that sets
//     a cookie, which is for one client alone. An ETag or Last-Modified of the function's own counts instead.
//  3. Ranges are for bytes: a Buffer, a Blob, a Response. A part of JSON is of no use to anybody.
import type { HttpRequest__Output } from '@bottle/protos';
import {
  type ByteRange,
  contentRangeOf,
  evaluateConditions,
  isRangeWanted,
  rangeOf,
  type Validators,
  weakEtagOf,
} from 'bottle-sdk/http-results';
import { decodedHeadersOf, type EncodedResult, encodeHttpResult, isBlob } from '../invoke/encode-result.ts';
import type { ResponseState } from '../invoke/http-context.ts';
import { ResultStream } from '../invoke/stream-format.ts';
import { readAtOnce } from './at-once.ts';
import { headerOf, withoutHeaders } from './header-pairs.ts';
import { partOfStream } from './part-of-stream.ts';

/** Hashing more would hold the event loop for longer than 4 ms. */
const MAX_HASHED_BYTES = 8 * 1024 * 1024;
const NO_BYTES = Buffer.alloc(0);
/** What tells of a body that a 304 does not have: RFC 9110, 15.4.5. */
const BODY_HEADERS = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-range',
  'accept-ranges',
]);

export interface HttpAnswerOptions {
  http: HttpRequest__Output;
  /** What the function said of its response; undefined: nothing. */
  state: ResponseState | undefined;
  /** Whether the platform may make an ETag. */
  etag: boolean;
}

/** The function's result as the answer to its request. Throws what `encodeHttpResult` throws, and 412 and 416. */
export function answerHttp(result: unknown, options: HttpAnswerOptions): EncodedResult | Promise<EncodedResult> {
  const { http, state } = options;
  if (http.method !== 'GET' && http.method !== 'HEAD') return encodeHttpResult(result, state); // 1
  const value = result === undefined ? state?.body : result;
  if (isOpenResponse(value)) return answerResponse(value, options);
  const encoded = encodeHttpResult(result, state);
  if (encoded.response.http?.status !== 200) return encoded; // 1
  if (isBlob(value)) return answerBlob(value, encoded, options);
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return encoded.stream ? encoded : answerBytes(encoded, options, isBytes);
}

async function answerResponse(
  response: Response & { body: ReadableStream },
  options: HttpAnswerOptions,
): Promise<EncodedResult> {
  const { status, statusText } = response;
  const head = new Response(null, { status, statusText, headers: decodedHeadersOf(response) });
  const encoded = encodeHttpResult(head, options.state);
  const arrived = await readAtOnce(response.body);
  if ('bytes' in arrived) return answerBytes({ ...encoded, bytes: arrived.bytes }, options, true);
  const whole = (stream: ReadableStream) =>
    new ResultStream(stream as AsyncIterable<unknown>, response.headers.get('content-type') ?? undefined);
  const length = headerOf(headersOf(encoded), 'content-length');
  if (!/^\d+$/.test(length)) return { ...encoded, stream: whole(arrived.stream) };
  const { head: sent, range } = conditional(encoded, options, Number(length));
  if (!sent) {
    await arrived.stream.cancel();
    return notModified(encoded);
  }
  return { ...sent, stream: whole(range ? partOfStream(arrived.stream, range) : arrived.stream) };
}

function answerBlob(blob: Blob, encoded: EncodedResult, options: HttpAnswerOptions): EncodedResult {
  const { head, range } = conditional(encoded, options, blob.size);
  if (head && !range) return head;
  encoded.stream?.cancel();
  if (!head) return notModified(encoded);
  return { ...head, stream: new ResultStream(blob.slice(range?.first, (range?.last ?? 0) + 1).stream(), undefined) };
}

/** `hasRanges`: they are bytes to the function, too. */
function answerBytes(encoded: EncodedResult, options: HttpAnswerOptions, hasRanges: boolean): EncodedResult {
  const { bytes } = encoded;
  const headers = headersOf(encoded);
  if (options.etag && isHashed(headers, bytes.length)) headers.push('etag', weakEtagOf(bytes));
  const { head, range } = conditional(encoded, options, hasRanges ? bytes.length : undefined);
  if (!head) return notModified(encoded);
  return range ? { ...head, bytes: bytes.subarray(range.first, range.last + 1) } : head;
}

// 2
function isHashed(headers: readonly string[], length: number): boolean {
  if (length === 0 || length > MAX_HASHED_BYTES) return false;
  if (headerOf(headers, 'etag') !== '' || headerOf(headers, 'set-cookie') !== '') return false;
  if (headerOf(headers, 'content-type').startsWith('text/event-stream')) return false;
  return !/\bno-store\b/i.test(headerOf(headers, 'cache-control'));
}

/** The head of what is to be sent, and the part of it; no head: the client has it. */
function conditional(
  encoded: EncodedResult,
  { http }: HttpAnswerOptions,
  length: number | undefined,
): { head?: EncodedResult; range?: ByteRange | undefined } {
  const headers = headersOf(encoded);
  const requested = (name: string): string => headerOf(http.headers, name);
  const validators: Validators = {
    etag: headerOf(headers, 'etag'),
    lastModified: headerOf(headers, 'last-modified'),
  };
  if (hasValidator(validators) && evaluateConditions(requested, validators) === 'not-modified') return {};
  const acceptRanges = headerOf(headers, 'accept-ranges');
  if (length === undefined || acceptRanges === 'none') return { head: encoded };
  if (acceptRanges === '') headers.push('accept-ranges', 'bytes');
  const isPart = http.method === 'GET' && isRangeWanted(requested, validators);
  const range = isPart ? rangeOf(requested('range'), length) : undefined;
  if (!range) return { head: encoded };
  const rest = withoutHeaders(headers, new Set(['content-length']));
  const size = String(range.last + 1 - range.first);
  rest.push('content-range', contentRangeOf(range, length), 'content-length', size);
  return { head: { ...encoded, response: { http: { status: 206, headers: rest } } }, range };
}

function hasValidator({ etag, lastModified }: Validators): boolean {
  return etag !== '' || lastModified !== '';
}

function notModified(encoded: EncodedResult): EncodedResult {
  const headers = withoutHeaders(headersOf(encoded), BODY_HEADERS);
  return { response: { http: { status: 304, headers } }, bytes: NO_BYTES };
}

function headersOf({ response }: EncodedResult): string[] {
  return response.http?.headers ?? [];
}

/** By its tag first: naming the class loads Node's web APIs for results that have nothing to do with them. */
function isOpenResponse(value: unknown): value is Response & { body: ReadableStream } {
  if (Object.prototype.toString.call(value) !== '[object Response]') return false;
  const { status, body, bodyUsed } = value as Response;
  return status === 200 && body !== null && !bodyUsed && !body.locked;
}
