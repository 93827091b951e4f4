import type { CallContext } from '@bottle/capabilities';

/** Fields that concern one connection (RFC 9110, 7.6.1), and those that the client writes itself. */
const DROPPED = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that another host must not see. */
const PRIVATE = new Set(['authorization', 'baggage', 'cookie']);

/** Fields that describe a body. */
const OF_BODY = new Set(['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type']);

/** Fields of a request, alternating lower-case name and value. */
export type HeaderList = readonly string[];

/** What a function's request carries besides what the function set: fields of the call, and those an HTTP client adds. */
export function withCallHeaders(given: HeaderList, { traceparent, baggage }: CallContext): HeaderList {
  const nominated = new Set(
    valuesOf(given, 'connection').flatMap((value) => value.split(',').map((name) => name.trim().toLowerCase())),
  );
  const kept = filter(given, (name) => !DROPPED.has(name) && !nominated.has(name));
  const defaults = { accept: '*/*', 'accept-encoding': 'gzip, br, zstd', 'user-agent': 'bottle', traceparent, baggage };
  for (const [name, value] of Object.entries(defaults)) {
    if (value !== '' && valuesOf(kept, name).length === 0) kept.push(name, value);
  }
  return kept;
}

/** The operator's fields in place of the function's. */
export function withInjected(headers: HeaderList, injected: Readonly<Record<string, string>>): HeaderList {
  const names = lowerCaseNames(injected);
  return [...filter(headers, (name) => !names.has(name)), ...Object.entries(injected).flat()];
}

/** What may go to another host. */
export function withoutPrivate(headers: HeaderList, injected: Readonly<Record<string, string>>): HeaderList {
  const names = lowerCaseNames(injected);
  return filter(headers, (name) => !PRIVATE.has(name) && !names.has(name));
}

/** What a request without its body carries. */
export function withoutBodyHeaders(headers: HeaderList): HeaderList {
  return filter(headers, (name) => !OF_BODY.has(name));
}

/** Fields of an answer that are no business of whoever asked. */
export function answerHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined || DROPPED.has(name)) return [];
    return (Array.isArray(value) ? value : [value]).flatMap((each) => [name, each]);
  });
}

function valuesOf(headers: HeaderList, wanted: string): string[] {
  return headers.filter((_value, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === wanted);
}

function filter(headers: HeaderList, keep: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at]?.toLowerCase(), headers[at + 1]];
    if (keep(name)) kept.push(name, value);
  }
  return kept;
}

function lowerCaseNames(record: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.keys(record).map((name) => name.toLowerCase()));
}
