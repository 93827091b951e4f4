import type { CookieOptions } from '../context.ts';

/** The cookies of a Cookie header (RFC 6265, 5.4); of a repeated name the first counts. */
export function parseCookies(header: string): Record<string, string | undefined> {
  const cookies: Record<string, string | undefined> = Object.create(null) as Record<string, string | undefined>;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim();
    cookies[name] ??= decode(
      pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    );
  }
  return cookies;
}

/** What an attribute of a cookie is made of (RFC 6265, 4.1.1): anything else would end it. */
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;

/** One Set-Cookie line (RFC 6265, 4.1); the value is percent-encoded. Throws TypeError for what would make no line. */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError(`not a cookie name: ${JSON.stringify(name)}`);
  for (const attribute of ['path', 'domain', 'sameSite'] as const) {
    const text = options[attribute] ?? '';
    if (!ATTRIBUTE.test(text)) throw new TypeError(`the cookie "${name}" has a ${attribute} that cannot be written`);
  }
  const { maxAge = 0, expires } = options;
  if (!Number.isFinite(maxAge) || Number.isNaN(expires?.getTime())) {
    throw new TypeError(`the cookie "${name}" has a lifetime that is not a time`);
  }
  const parts = [`${name}=${encodeURIComponent(value)}`, `Path=${options.path ?? '/'}`];
  if (options.maxAge !== undefined) parts.push(`Max-Age=${Math.trunc(options.maxAge)}`);
  if (options.expires) parts.push(`Expires=${options.expires.toUTCString()}`);
  if (options.domain) parts.push(`Domain=${options.domain}`);
  if (options.secure) parts.push('Secure');
  if (options.httpOnly ?? true) parts.push('HttpOnly');
  if (options.sameSite) parts.push(`SameSite=${options.sameSite}`);
  return parts.join('; ');
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
