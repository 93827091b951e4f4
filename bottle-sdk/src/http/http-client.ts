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
import { bodyFrames } from '../body-frames.ts';
import { FrameSender } from '../frame-sender.ts';
import type { ResourceCalls } from '../resource-calls.ts';
import { type HttpRequestInit, toOutgoing } from './request-frames.ts';
import { toResponse } from './response.ts';

/** How much of an answer goes into the error of `json`. */
const SHOWN_BYTES = 2_048;

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
    const { head: request, body, signal } = toOutgoing(input, init);
    signal?.throwIfAborted();
    const stream = calls.stream(definitionOf('http').Fetch, { signal });
    const upload = new FrameSender<HttpFetchFrame>(stream, bodyFrames(body));
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
    void upload.start({ request, marksEnd: true });
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
