import { BottleError, Code } from '@bottle/protos';
import type { ReplayableBody } from './replayable-body.ts';
import { type HeaderList, withoutBodyHeaders, withoutPrivate } from './request-headers.ts';
import type { ReceivedHead } from './send.ts';

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

/** A request on its way from redirect to redirect. */
export interface Hop {
  url: URL;
  /** It has not left the base URL's origin: it carries the operator's headers. */
  isHome: boolean;
  method: string;
  headers: HeaderList;
  body: ReplayableBody | undefined;
}

/** Where an answer redirects to; undefined when it does not. */
export function locationOf({ status, headers }: Pick<ReceivedHead, 'status' | 'headers'>): string | undefined {
  const location = headers['location'];
  return REDIRECT_STATUSES.has(status) && typeof location === 'string' ? location : undefined;
}

/** The request that a redirect asks for (Fetch standard, "HTTP-redirect fetch"). Once it has left, it is never home again. */
export function nextHop(
  hop: Hop,
  status: number,
  { url, injected, id }: { url: URL; injected: Readonly<Record<string, string>>; id: string },
): Hop {
  const dropsBody =
    ((status === 301 || status === 302) && hop.method === 'POST') ||
    (status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD');
  if (hop.body && !dropsBody && !hop.body.isReplayable) {
    const message = `${id} redirects a body that is too large to be sent again`;
    throw new BottleError(Code.FAILED_PRECONDITION, 'bad-redirect', message);
  }
  const staysHere = url.origin === hop.url.origin;
  const headers = staysHere ? hop.headers : withoutPrivate(hop.headers, injected);
  return {
    url,
    isHome: hop.isHome && staysHere,
    method: dropsBody ? 'GET' : hop.method,
    headers: dropsBody ? withoutBodyHeaders(headers) : headers,
    body: dropsBody ? undefined : hop.body,
  };
}
