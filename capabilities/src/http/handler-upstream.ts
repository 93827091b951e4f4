import { BottleError, Code } from '@bottle/protos';
import { resolveUpstreamUrl } from './upstream-url.ts';
import type { HttpAnswer, HttpDriver } from './http-port.ts';

/** Answers requests in place of an upstream. */
export type HttpHandler = (request: Request) => Response | Promise<Response>;

export interface HandlerUpstreamOptions {
  /** What paths are looked up below, as in the request that the handler sees. @default "http://upstream.test" */
  baseUrl?: string;
}

/**
 * An upstream that is a function of this process: for tests. Paths are resolved as a real upstream resolves them;
 * whole URLs reach the handler, too, and redirects are its own affair (`request.redirect` says what is wanted). What the
 * handler throws, if it is no BottleError, is an upstream that does not answer.
 */
export function createHandlerUpstream(handler: HttpHandler, options: HandlerUpstreamOptions = {}): HttpDriver {
  const base = new URL(options.baseUrl ?? 'http://upstream.test');
  return {
    problem: undefined,
    ping: async () => {},
    close: async () => {},
    async fetch({ method, url, headers, redirect, body }, { signal }) {
      const target = resolveUpstreamUrl(base, url);
      signal.throwIfAborted();
      const request = new Request(target, {
        method,
        headers: pairsOf(headers),
        redirect,
        signal,
        ...(body ? { body: ReadableStream.from(body), duplex: 'half' as const } : {}),
      });
      const response = await untilAborted(async () => handler(request), signal).catch(fromHandler);
      return toAnswer(response, target);
    },
  };
}

function toAnswer(response: Response, target: URL): HttpAnswer {
  const { status, statusText, redirected, body } = response;
  // Several set-cookie come one by one.
  const headers = [...response.headers].flatMap(([name, value]) => [name, value]);
  return { status, statusText, headers, url: response.url || target.href, redirected, body: body ?? undefined };
}

function fromHandler(thrown: unknown): never {
  if (thrown instanceof BottleError) throw thrown;
  throw new BottleError(Code.UNAVAILABLE, 'resource-unavailable', 'the handler threw', { cause: thrown });
}

/** What the work comes to; rejects as soon as nobody waits for it. */
async function untilAborted<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const given = Promise.withResolvers<never>();
  const onAbort = (): void => given.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), given.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function pairsOf(list: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < list.length; at += 2) pairs.push([list[at] ?? '', list[at + 1] ?? '']);
  return pairs;
}
