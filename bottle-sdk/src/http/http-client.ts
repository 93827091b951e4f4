import {
  type BottleError,
  CallError,
  Code,
  codeOfHttpStatus,
  definitionOf,
  type HttpFetchFrame,
  type HttpFetchFrame__Output,
} from '@bottle/protos';
import { jsonOf } from '../json-of.ts';
import type { ResourceCalls, TypedStream } from '../resource-calls.ts';
import { type HttpRequestInit, type OutgoingRequest, toOutgoing } from './request-frames.ts';
import { toResponse } from './response.ts';

/** Longest chunk of a body in one message. */
const MAX_CHUNK_BYTES = 64 * 1024;
/** How much of an answer goes into the error of `json`. */
const SHOWN_BYTES = 2_048;

type FetchStream = TypedStream<HttpFetchFrame, HttpFetchFrame__Output>;

export interface JsonRequestInit extends Omit<HttpRequestInit, 'body'> {
  /** Sent as JSON; the method is then POST unless it is named. */
  json?: unknown;
}

/** One upstream. Its base URL, credentials, repeats and limits are the operator's, in sidecar.yml. */
export interface HttpClient {
  /**
   * The standard `fetch`, with paths below the upstream's base URL; may be passed wherever a `fetch` is expected. Any
   * answer is a Response, whatever its status. Throws BottleError: `egress-denied`, `resource-unavailable`,
   * `resource-timeout`, `deadline`, …; what `init.signal` was aborted with; TypeError for what is no request.
   */
  fetch(this: void, input: string | URL | Request, init?: HttpRequestInit): Promise<Response>;
  /**
   * The parsed body of an answer, undefined for an empty one. Throws BottleError `http-status` for any status but 2xx:
   * `details.status` has it, and the cause begins with the body.
   */
  json<Result = unknown>(this: void, input: string | URL | Request, init?: JsonRequestInit): Promise<Result>;
}

/** The client of one upstream. */
export function createHttpClient(calls: ResourceCalls): HttpClient {
  async function fetch(input: string | URL | Request, init?: HttpRequestInit): Promise<Response> {
    const outgoing = toOutgoing(input, init);
    const { head, signal } = outgoing;
    signal?.throwIfAborted();
    const stream = calls.stream(definitionOf('http').Fetch, { signal });
    const upload = new Upload(stream, outgoing);
    const answers = stream[Symbol.asyncIterator]();
    const end = (): void => {
      upload.stop();
      stream.cancel();
    };
    const next = async (): Promise<HttpFetchFrame__Output | undefined> => {
      try {
        const { done, value } = await answers.next();
        if (!done) return value;
        end();
        return undefined;
      } catch (error) {
        end();
        signal?.throwIfAborted();
        throw upload.failure ?? error;
      }
    };
    void upload.start(head);
    const first = await next();
    if (!first?.response) throw new CallError(Code.UNAVAILABLE, 'connection-lost', 'the sidecar ended the request');
    return toResponse(first.response, { next: async () => (await next())?.chunk, cancel: end });
  }

  return {
    fetch,
    async json<Result>(input: string | URL | Request, init: JsonRequestInit = {}): Promise<Result> {
      const { json, ...rest } = init;
      const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
      if (!headers.has('accept')) headers.set('accept', 'application/json');
      if (json !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
      const sent = json === undefined ? {} : { method: init.method ?? 'POST', body: jsonOf(json) };
      const response = await fetch(input, { ...rest, headers, ...sent });
      const text = await response.text();
      if (!response.ok) throw errorOfStatus(calls, response, text);
      return (text === '' ? undefined : JSON.parse(text)) as Result;
    },
  };
}

/** The request's frames, sent while the answer may already be on its way. */
class Upload {
  /** What the body's own source threw. */
  failure: Error | undefined;
  readonly #stream: FetchStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(stream: FetchStream, { body }: OutgoingRequest) {
    this.#stream = stream;
    this.#reader = body?.getReader();
  }

  /** Never rejects: a call that is over says so to whoever reads its answer. */
  async start(request: OutgoingRequest['head']): Promise<void> {
    const reader = this.#reader;
    try {
      await this.#stream.send({ request, marksEnd: true });
      for (;;) {
        const chunk = reader ? await this.#read(reader) : undefined;
        if (!chunk) break;
        for (let at = 0; at < chunk.length; at += MAX_CHUNK_BYTES) {
          await this.#stream.send({ chunk: chunk.subarray(at, at + MAX_CHUNK_BYTES) });
        }
      }
      await this.#stream.send({ end: true });
      this.#stream.end();
    } catch {
      this.#stream.cancel();
      this.stop();
    }
  }

  /** The rest of the body is not wanted. */
  stop(): void {
    this.#reader?.cancel().catch(() => {}); // its source is broken already
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    } catch (error) {
      this.failure = error as Error;
      throw error;
    }
  }
}

/** Leaves this function as 502, if nobody handles it: it is the upstream's failure. */
function errorOfStatus({ resource }: ResourceCalls, { status, url }: Response, text: string): BottleError {
  const message = `${resource} answered ${status} to ${new URL(url).pathname}`;
  const cause = new Error(text.slice(0, SHOWN_BYTES));
  return new CallError(codeOfHttpStatus(status), 'http-status', message, {
    details: { status },
    httpStatus: 502,
    cause,
  });
}
