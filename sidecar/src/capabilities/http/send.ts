// One HTTP exchange, without repeats and redirects.
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { BottleError, Code } from '@bottle/protos';
import type { Dispatcher } from 'undici';
import type { HeaderList } from './request-headers.ts';

/** How much of an answer that nobody wants is read, to keep its connection. */
const DISCARD_BYTES = 16 * 1024;

/** No connection was made, so nothing was sent. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export interface Exchange {
  dispatcher: Dispatcher;
  url: URL;
  method: string;
  headers: HeaderList;
  body: Readable | undefined;
  /** Ends it at any time; its reason is what is thrown then. */
  signal: AbortSignal;
  /** "http.payments", for errors. */
  id: string;
}

export interface ReceivedHead {
  status: number;
  statusText: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The decoded body, once. */
  body(): AsyncIterable<Uint8Array> | undefined;
  /** Instead of reading the body. */
  discard(): void;
}

/** Sends a request and waits for the head of its answer. Throws BottleError. */
export async function send(exchange: Exchange): Promise<ReceivedHead> {
  const { dispatcher, url, method, headers, body, signal, id } = exchange;
  let received: Dispatcher.ResponseData;
  try {
    received = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: [...headers],
      body: body ?? null,
      signal,
      headersTimeout: 0, // patience is the signal's matter
      bodyTimeout: 0,
    });
  } catch (error) {
    throw fromHttpError(error, signal, id);
  }
  const { statusCode: status, statusText, body: readable } = received;
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304;
  readable.on('error', () => {}); // whoever iterates sees it; a late one must not end the process
  const discard = (): void => void readable.dump({ limit: DISCARD_BYTES, signal }).catch(() => {});
  return {
    status,
    statusText: statusText ?? '',
    headers: received.headers,
    discard,
    body() {
      if (hasBody) return explained(decoded(readable, received.headers['content-encoding']), signal, id);
      discard();
      return undefined;
    },
  };
}

/** A body without its codings. */
interface DecodedBody {
  stream: Readable;
  /** Whether nothing at all has come. */
  isEmpty(): boolean;
}

async function* explained(
  { stream, isEmpty }: DecodedBody,
  signal: AbortSignal,
  id: string,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (isEmpty() && codeOf(error) === 'Z_BUF_ERROR') return; // no bytes at all are no bytes in every coding
    throw fromHttpError(error, signal, id);
  } finally {
    stream.destroy();
  }
}

/** Undoes the codings that the answer names, last one first; from one that is unknown on, it stays as it came. */
function decoded(stream: Readable, contentEncoding: string | string[] | undefined): DecodedBody {
  const names = [contentEncoding ?? []].flat().flatMap((value) => value.split(','));
  let result: Readable = stream;
  let outermost: Transform | undefined;
  for (const name of names.map((each) => each.trim().toLowerCase()).toReversed()) {
    const decoder = decoderOf(name);
    if (!decoder) break;
    outermost ??= decoder;
    result = pipeline(result, decoder, () => {}); // its error is the decoder's, too
  }
  return { stream: result, isEmpty: () => (outermost as { bytesWritten?: number } | undefined)?.bytesWritten === 0 };
}

function decoderOf(name: string): Transform | undefined {
  // Browsers take a body that stops before its end for whole; here it is cut off.
  if (name === 'gzip' || name === 'x-gzip') return createGunzip();
  if (name === 'deflate') return createInflate();
  if (name === 'br') return createBrotliDecompress();
  if (name === 'zstd') return createZstdDecompress();
  return undefined;
}

/** What undici threw, as the platform's error. Its text may name addresses; its code does not. */
function fromHttpError(thrown: unknown, signal: AbortSignal, id: string): BottleError {
  if (signal.aborted) return BottleError.from(signal.reason);
  const chain: Error[] = [];
  for (let error = thrown as Error | undefined; error && chain.length < 8; error = causeOf(error)) chain.push(error);
  const own = chain.find((error) => error instanceof BottleError);
  if (own) return own;
  const driverCode = chain.map(codeOf).find((code) => typeof code === 'string');
  const details = { driverCode: driverCode ?? chain[0]?.name ?? 'unknown' };
  if (driverCode === 'UND_ERR_INVALID_ARG' || driverCode === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    const message = `${id}: ${chain[0]?.message ?? 'the request is malformed'}`;
    return new BottleError(Code.INVALID_ARGUMENT, 'bad-request', message, { details });
  }
  const message = `${id} did not answer: ${details.driverCode}`;
  const outcome = NEVER_CONNECTED.has(details.driverCode) ? { outcome: 'not-done' } : {};
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details: { ...details, ...outcome } });
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

function causeOf(error: Error): Error | undefined {
  const next: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return next instanceof Error ? next : undefined;
}
