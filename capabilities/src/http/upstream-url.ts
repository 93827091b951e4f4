import { BottleError, Code } from '@bottle/protos';

/** A path that nobody asks for: what climbs above it has left the base. */
const PROBE = 'http://base.invalid/~';

/**
 * Where a request goes: a path is looked up below the base, a whole URL is taken as it is. Throws PERMISSION_DENIED for
 * what only looks like a path ("//evil", "/\evil") or climbs out of the base ("..", encoded or not), and
 * INVALID_ARGUMENT for what is not a URL.
 */
export function resolveUpstreamUrl(base: URL, target: string): URL {
  // What the URL parser leaves out must not hide what remains.
  const text = target.replace(/[\t\n\r]/g, '').replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return parseAbsolute(text);
  if (/^[\\/]{2}/.test(text)) throw denied(target, 'names another host without saying so');
  const url = new URL(base);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (text === '' || text.startsWith('?') || text.startsWith('#')) {
    url.search = text.startsWith('?') ? (text.split('#')[0] ?? '') : '';
    return url;
  }
  const probe = parse(`${PROBE}/${text.replace(/^[\\/]/, '')}`, target);
  if (!probe.pathname.startsWith('/~/') || climbs(probe.pathname)) throw denied(target, 'leaves the base URL');
  url.pathname = base.pathname.replace(/\/$/, '') + probe.pathname.slice(2);
  url.search = probe.search;
  return url;
}

/** Whether a URL is the base's own origin and below its path. */
export function isBelow(base: URL, url: URL): boolean {
  const folder = base.pathname.replace(/\/$/, '');
  const inside = url.pathname === folder || url.pathname.startsWith(`${folder}/`);
  return url.origin === base.origin && inside && !climbs(url.pathname);
}

/** ".." with an encoded slash beside it: the URL parser keeps it, a server may decode it. */
function climbs(pathname: string): boolean {
  const decoded = pathname.replace(/%2e/gi, '.').replace(/%2f|%5c|\\/gi, '/');
  return decoded.split('/').includes('..');
}

function parseAbsolute(text: string): URL {
  const url = parse(text, text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw denied(text, 'is neither http nor https');
  if (url.username !== '' || url.password !== '') throw badUrl('a URL must not carry credentials');
  url.hash = '';
  return url;
}

function parse(text: string, shown: string): URL {
  const url = URL.parse(text);
  if (!url) throw badUrl(`"${withoutQuery(shown)}" is not a URL`);
  return url;
}

function denied(target: string, why: string): BottleError {
  return new BottleError(Code.PERMISSION_DENIED, 'egress-denied', `"${withoutQuery(target)}" ${why}`);
}

function badUrl(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-url', message);
}

/** Queries carry secrets. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
}
