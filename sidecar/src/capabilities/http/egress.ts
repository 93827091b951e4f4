// Where requests of an upstream may go. Hosts are judged by name here, and by address when a connection is made: what a
// name resolved to a moment ago says nothing about what it resolves to now.
import { lookup as resolveName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isBelow, resolveUpstreamUrl } from '@bottle/capabilities';
import { BottleError, Code } from '@bottle/protos';
import type { HttpUpstreamConfig } from '../../resources-config.ts';
import { isPrivateAddress } from './private-address.ts';

export interface EgressOptions extends Pick<HttpUpstreamConfig, 'baseUrl' | 'allow' | 'allowPrivate'> {
  /** "http.payments" */
  id: string;
  /** Replaces the system's name resolution. */
  lookup?: LookupFunction;
}

/** The rules of one upstream. What breaks one is PERMISSION_DENIED `egress-denied`, with the line to add. */
export interface Egress {
  /** Where a request of a function goes. */
  resolve(target: string): URL;
  /** Where a redirect goes. */
  follow(from: URL, location: string): URL;
  /** Whether it is the base URL's own origin: the only one that gets the operator's headers. */
  isHome(url: URL): boolean;
  /** For the connections: refuses names that resolve to private addresses. */
  lookup: LookupFunction;
}

export function createEgress({ id, baseUrl, allow, allowPrivate, lookup = resolveName }: EgressOptions): Egress {
  const base = new URL(baseUrl);
  const patterns = allow.map(parsePattern);

  function assertAllowed(url: URL): void {
    if (!patterns.some((matches) => matches(url))) {
      const why = `its host is neither that of baseUrl nor in \`allow\``;
      throw denied(url.origin, why, `allow: ["${url.host}"]`);
    }
    const address = url.hostname.replace(/^\[|\]$/g, '');
    if (!mayBePrivate(url.hostname) && isPrivateAddress(address)) throw deniedAsPrivate(url.origin);
  }

  function mayBePrivate(hostname: string): boolean {
    return allowPrivate || hostname === base.hostname;
  }

  function denied(target: string, why: string, line: string): BottleError {
    const message = `${id} may not request ${target}: ${why}; add \`${line}\` to resources.${id} in sidecar.yml if it shall`;
    return new BottleError(Code.PERMISSION_DENIED, 'egress-denied', message);
  }

  function deniedAsPrivate(target: string): BottleError {
    return denied(target, 'that is a private address', 'allowPrivate: true');
  }

  return {
    resolve(target) {
      const url = resolveUpstreamUrl(base, target);
      if (isBelow(base, url)) return url;
      if (url.origin === base.origin && !patterns.some((matches) => matches(url)))
        throw denied(url.origin + url.pathname, 'it is not below baseUrl', `allow: ["${url.host}"]`);
      assertAllowed(url);
      return url;
    },
    follow(from, location) {
      const url = URL.parse(location, from.href);
      if (!url)
        throw new BottleError(Code.UNAVAILABLE, 'bad-redirect', `${id} redirects to something that is not a URL`);
      if (url.protocol !== 'http:' && url.protocol !== 'https:')
        throw denied(`${url.protocol}…`, 'it is neither http nor https', 'allow: […]');
      url.username = '';
      url.password = '';
      url.hash = '';
      if (url.origin !== base.origin) assertAllowed(url);
      return url;
    },
    isHome: (url) => url.origin === base.origin,
    lookup(hostname, options, callback) {
      if (mayBePrivate(hostname)) {
        lookup(hostname, options, callback);
        return;
      }
      lookup(hostname, options, (error, found, family) => {
        const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
        if (!error && addresses.some(isPrivateAddress)) callback(deniedAsPrivate(hostname), found, family);
        else callback(error, found, family);
      });
    },
  };
}

/** "api.example.com", "*.example.com", "api.example.com:8443"; without a port, those of http and https. */
function parsePattern(pattern: string): (url: URL) => boolean {
  const [, host = pattern, port = ''] = (isIP(pattern) === 6 ? undefined : /^(.*?)(?::(\d+))?$/.exec(pattern)) ?? [];
  const suffix = host.startsWith('*.') ? host.slice(1).toLowerCase() : undefined;
  // As the URL parser writes it: addresses have many forms.
  const bare = URL.parse(`http://${isIP(host) === 6 ? `[${host}]` : host}`)?.hostname;
  return (url) => {
    if (port === '' ? url.port !== '' : port !== portOf(url)) return false;
    return suffix === undefined ? url.hostname === bare : url.hostname.endsWith(suffix);
  };
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}
