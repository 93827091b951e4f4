import type { FunctionInfo, HttpRoute__Output } from '@bottle/protos';
import { hostOf, type HttpSurroundings } from './http-call.ts';
import type { ManualExample } from './manual-call.ts';
import { exampleValues, fillRoute, requiredParameters } from './route-pattern.ts';

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** A request to the function's first route. */
export function httpExample(info: FunctionInfo, surroundings: HttpSurroundings, as: string | undefined): ManualExample {
  const [route] = info.http;
  if (!route) return { event: {}, flags: [] };
  const method = route.methods.find((each) => each !== 'HEAD' && each !== 'OPTIONS') ?? route.methods[0] ?? 'POST';
  const { path, isSure } = pathOf(info, route, method, surroundings);
  const keys = keyParts(route);
  const hasBody = METHODS_WITH_BODY.has(method);
  const headers = {
    ...(route.host === '' ? {} : { host: hostOf(route) }),
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
    ...Object.fromEntries(
      keys.flatMap(([source, ...name]) => (source === 'header' ? [[name.join('.'), 'example']] : [])),
    ),
    ...cookieHeader(keys),
  };
  const body = hasBody ? bodyOf(keys) : undefined;
  const byFlags = [
    ...(as === undefined ? [] : ['--as', as]),
    '--method',
    method,
    '--path',
    path,
    ...Object.entries(headers).flatMap(([name, value]) =>
      name === 'content-type' ? [] : ['--header', `${name}: ${value}`],
    ),
    ...(body === undefined ? [] : ['--data', JSON.stringify(body)]),
  ];
  return {
    event: { $event: 'http', method, path, query: {}, headers, ...(body === undefined ? {} : { body }) },
    flags: [],
    byFlags,
    ...(isSure ? {} : { note: `put a path into it that ${route.path} matches: ${path} goes elsewhere` }),
  };
}

/** Values for the parameters with which the request gets to this function. */
function pathOf(
  { name }: FunctionInfo,
  route: HttpRoute__Output,
  method: string,
  { ownerOf }: HttpSurroundings,
): { path: string; isSure: boolean } {
  const needed = requiredParameters(route.path).map((parameter) => ({
    name: parameter.name,
    values: exampleValues(parameter),
  }));
  const most = Math.max(1, ...needed.map(({ values }) => values.length));
  const host = hostOf(route);
  const candidates = Array.from({ length: most }, (_, at) =>
    fillRoute(route.path, (parameter) => {
      const values = needed.find((each) => each.name === parameter)?.values ?? [];
      return values[at] ?? values[0] ?? parameter;
    }),
  );
  const isOwn = (url: string): boolean =>
    ownerOf({ method, url, headers: ['host', host], contentType: '', host, remoteAddress: '' }) === name;
  const path = candidates.find(isOwn);
  return path === undefined ? { path: candidates[0] ?? '/', isSure: false } : { path, isSure: true };
}

/** ["header", "idempotency-key"], ["body", "order", "id"]: what a repeat would be known by. */
function keyParts({ idempotency }: HttpRoute__Output): string[][] {
  return (idempotency?.key ?? '').split('+').map((part) => part.trim().split('.'));
}

function cookieHeader(keys: readonly string[][]): { cookie?: string } {
  const cookies = keys.flatMap(([source, ...name]) => (source === 'cookie' ? [`${name.join('.')}=example`] : []));
  return cookies.length === 0 ? {} : { cookie: cookies.join('; ') };
}

function bodyOf(keys: readonly string[][]): object {
  const body: Record<string, unknown> = {};
  for (const [source, ...fields] of keys) {
    if (source !== 'body') continue;
    let inner = body;
    for (const field of fields.slice(0, -1)) {
      const next = (inner[field] ?? {}) as Record<string, unknown>;
      inner[field] = next;
      inner = next;
    }
    inner[fields.at(-1) ?? ''] = 'example';
  }
  return body;
}
