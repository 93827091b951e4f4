// One HTTP exchange, without repeats and redirects.
import { pipeline, type Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import { BottleError, Code } from '@bottle/protos';
import type { Dispatcher } from 'undici';
import type { HeaderList } from './request-headers.ts';

/** How much of an answer that nobody wants is read, to keep its connection. */
const DISCARD_BYTES = 16 * 1024;

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

async function* explained(stream: Readable, signal: AbortSignal, id: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    throw fromHttpError(error, signal, id);
  } finally {
    stream.destroy();
  }
}

/** Undoes the codings that the answer names, last one first; from one that is unknown on, it stays as it came. */
function decoded(stream: Readable, contentEncoding: string | string[] | undefined): Readable {
  const names = [contentEncoding ?? []].flat().flatMap((value) => value.split(','));
  let result: Readable = stream;
  for (const name of names.map((each) => each.trim().toLowerCase()).toReversed()) {
    const decoder = decoderOf(name);
    if (!decoder) break;
    result = pipeline(result, decoder, () => {}); // its error is the decoder's, too
  }
  return result;
}

function decoderOf(name: string): Transform | undefined {
  // A body that is cut off yields what there was, as browsers have it.
  if (name === 'gzip' || name === 'x-gzip') return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  if (name === 'br') return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
  if (name === 'zstd') return createZstdDecompress({ finishFlush: constants.ZSTD_e_flush });
  return undefined;
}

/** What undici threw, as the platform's error. Its text may name addresses; its code does not. */
function fromHttpError(thrown: unknown, signal: AbortSignal, id: string): BottleError {
  if (signal.aborted) return BottleError.from(signal.reason);
  const chain: Error[] = [];
  for (let error = thrown as Error | undefined; error && chain.length < 8; error = causeOf(error)) chain.push(error);
  const own = chain.find((error) => error instanceof BottleError);
  if (own) return own;
  const driverCode = chain.map((error) => (error as { code?: unknown }).code).find((code) => typeof code === 'string');
  const details = { driverCode: driverCode ?? chain[0]?.name ?? 'unknown' };
  if (driverCode === 'UND_ERR_INVALID_ARG' || driverCode === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    const message = `${id}: ${chain[0]?.message ?? 'the request is malformed'}`;
    return new BottleError(Code.INVALID_ARGUMENT, 'bad-request', message, { details });
  }
  const message = `${id} did not answer: ${details.driverCode}`;
  return new BottleError(Code.UNAVAILABLE, 'resource-unavailable', message, { details });
}

function causeOf(error: Error): Error | undefined {
  const next: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return next instanceof Error ? next : undefined;
}
