// What two servers in a row may read differently, and Node's parser lets pass: the one in front decides by its reading,
// ours by this one. RFC 9112, 3.2 and 6.1.
import type { IncomingMessage } from 'node:http';
import { BottleError, Code } from '@bottle/protos';

/** A host name, an IPv4 address or a bracketed IPv6 address, with or without a port. */
const AUTHORITY = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const ABSOLUTE = /^https?:\/\/([^/?]*)(.*)$/i;

/**
 * What is wrong with the head of an HTTP/1.1 request; undefined when nothing is. A target with scheme and authority
 * ("GET http://shop/items") becomes path and Host, as a proxy means it.
 */
export function ambiguityOf(request: IncomingMessage): BottleError | undefined {
  const { url = '', headers, rawHeaders, httpVersionMajor } = request;
  if (url.includes('#')) return malformed('a request has no fragment');
  if (httpVersionMajor !== 1) return httpVersionMajor === 0 ? malformed('this is HTTP/0.9') : undefined;
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') {
    return malformed('the only transfer coding that is understood is chunked');
  }
  const hostAt = positionOfHost(rawHeaders);
  if (hostAt === 'several') return malformed('there is more than one Host');
  if (headers.host !== undefined && headers.host !== '' && !AUTHORITY.test(headers.host)) {
    return malformed('the Host header is not a host');
  }
  return url.startsWith('/') || url === '*' ? undefined : useAbsolute(request, hostAt);
}

function positionOfHost(rawHeaders: readonly string[]): number | undefined | 'several' {
  let found: number | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (found !== undefined) return 'several';
    found = index;
  }
  return found;
}

/** The authority of the target counts, whatever Host says. */
function useAbsolute(request: IncomingMessage, hostAt: number | undefined): BottleError | undefined {
  const [, authority = '', rest = ''] = ABSOLUTE.exec(request.url ?? '') ?? [];
  if (!AUTHORITY.test(authority)) return malformed('the target is neither a path nor a URL');
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
  request.headers.host = authority;
  if (hostAt === undefined) request.rawHeaders.push('Host', authority);
  else request.rawHeaders[hostAt + 1] = authority;
  return undefined;
}

/** A request that is refused for how it is written. */
export function malformed(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'malformed-request', message);
}
