import { type FunctionInfo, type HttpRoute__Output, toJson } from '@bottle/protos';
import { z } from 'zod';
import { bodyTooLarge } from '../../body-too-large.ts';
import type { Body, HttpHead, UnreadBody } from '../../layer.ts';
import { assertFlags, badEvent, type Given, type ManualCall, type Pair } from './manual-call.ts';
import { parseMembers } from './parse-given.ts';
import { exampleValues, fillRoute, requiredParameters } from './route-pattern.ts';

// An import of node:http would also load its web clients.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/** Those that may be asked with, as they are tried where nobody says which. */
const WITHOUT_DATA = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const WITH_DATA = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'OPTIONS', 'HEAD'];
/** They follow from the data. */
const COMPUTED = new Set(['content-length', 'content-encoding', 'transfer-encoding']);
const NO_BYTES = Buffer.alloc(0);

/** What an HTTP request has to do with besides its function. */
export interface HttpSurroundings {
  /** The function that a request would go to; undefined: none. */
  ownerOf(http: HttpHead): string | undefined;
  /** Whether functions get to see a header of that name. */
  travels(header: string): boolean;
}

const text = z.union([z.string(), z.array(z.string())]);
const members = z.strictObject({
  method: z.string().optional(),
  path: z.string().optional(),
  query: z.record(z.string(), text).default({}),
  headers: z.record(z.string(), text).default({}),
  body: z.unknown().optional(),
});

/** A request to one of the function's routes, as a client would send it. Throws INVALID_ARGUMENT where it would go elsewhere. */
export function httpCall(info: FunctionInfo, given: Given, { ownerOf, travels }: HttpSurroundings): ManualCall {
  assertFlags(given, 'http', ['path', 'method', 'query', 'headers']);
  const asked = given.members ? withMembers(given, given.members) : given;
  const { data, headers } = asked;
  for (const [name, value] of headers) assertHeader(name, value, travels);
  const hasData = data !== undefined && data.length > 0;
  const contentType = valueOf(headers, 'content-type') ?? (hasData ? asked.contentType : '');
  const path = asked.path ?? ownPath(info, asked);
  if (!path.startsWith('/')) throw badEvent(`--path begins with "/": ${JSON.stringify(path)} does not`);
  const url = withQuery(path, asked.query);
  const hosts = valueOf(headers, 'host') === undefined ? [...new Set(info.http.map(hostOf))] : [''];
  const heads = methodsOf(asked).flatMap((method) =>
    hosts.map((host): HttpHead => {
      const sent = [...(host === '' ? [] : [['host', host] as const]), ...headers];
      if (contentType !== '' && valueOf(headers, 'content-type') === undefined)
        sent.push(['content-type', contentType]);
      if (hasData) sent.push(['content-length', String(data.length)]);
      const name = (valueOf(sent, 'host') ?? '').replace(/:\d+$/, '').toLowerCase();
      return { method, url, headers: sent.flat(), contentType, host: name, remoteAddress: '127.0.0.1' };
    }),
  );
  const http = heads.find((head) => ownerOf(head) === info.name);
  if (!http) throw elsewhere(info, asked.method, path, heads.map(ownerOf));
  return {
    target: { kind: 'http', http },
    body: requestBody(data ?? NO_BYTES),
    traceparent: valueOf(headers, 'traceparent'),
    baggage: valueOf(headers, 'baggage'),
  };
}

/** "GET /items/:id, POST /items" */
function describeRoutes(routes: readonly HttpRoute__Output[]): string {
  return routes
    .map(({ methods, host, path }) => `${methods.length > 0 ? methods.join(',') : 'ANY'} ${host}${path}`)
    .join(', ');
}

/** A host that a route is for. */
export function hostOf({ host }: HttpRoute__Output): string {
  return host === '' ? 'localhost' : host.replace(/^\*/, 'example');
}

/** Flags overrule what the event says. */
function withMembers(given: Given, written: object): Given {
  const { method, path, query, headers, body } = parseMembers(members, 'http', written);
  const left = (inEvent: readonly Pair[], flags: readonly Pair[]): Pair[] => [
    ...inEvent.filter(([name]) => !flags.some(([other]) => other === name)),
    ...flags,
  ];
  const headerPairs = pairsOf(headers).map(([name, value]): Pair => [name.toLowerCase(), value]);
  return {
    ...given,
    method: given.method ?? method?.toUpperCase(),
    path: given.path ?? path,
    query: left(pairsOf(query), given.query),
    headers: left(headerPairs, given.headers),
    data: body === undefined ? undefined : bytesOf(body, valueOf(headerPairs, 'content-type')),
  };
}

/** The path of the only route that is meant. Throws where there are several, and for one that needs parameters. */
function ownPath({ name, http }: FunctionInfo, { method }: Given): string {
  const meant = http.filter(({ methods }) => method === undefined || methods.length === 0 || methods.includes(method));
  const [first] = meant.length > 0 ? meant : http;
  if (!first || meant.some(({ path }) => path !== first.path))
    throw badEvent(`${name} answers several routes, say which with --path: ${describeRoutes(http)}`);
  const needed = requiredParameters(first.path);
  if (needed.length === 0) return fillRoute(first.path, () => '');
  const names = needed.map((parameter) => `:${parameter.name}`).join(', ');
  const byName = new Map(needed.map((parameter) => [parameter.name, exampleValues(parameter)[0] ?? parameter.name]));
  const example = fillRoute(first.path, (parameter) => byName.get(parameter) ?? '');
  throw badEvent(`${describeRoutes([first])} needs ${names}, for example: npx bottle invoke ${name} --path ${example}`);
}

/** The one that was said, else what might be meant, the likeliest first. */
function methodsOf({ method, data }: Given): readonly string[] {
  if (method !== undefined) return [method];
  return data !== undefined && data.length > 0 ? WITH_DATA : WITHOUT_DATA;
}

function elsewhere(
  { name, http }: FunctionInfo,
  method: string | undefined,
  path: string,
  owners: readonly (string | undefined)[],
): Error {
  const request = method === undefined ? path : `${method} ${path}`;
  const owner = owners.find((each) => each !== undefined);
  const instead =
    owner === undefined ? `${name} does not answer ${request}` : `${request} goes to ${owner}, not to ${name}`;
  return badEvent(`${instead}; ${name} answers ${describeRoutes(http)}`);
}

/** As clients send it: what may not stand in a request's head is percent-encoded. */
function withQuery(path: string, query: readonly Pair[]): string {
  const encoded = path.toWellFormed().replaceAll(/[^!-~]+|[#"<>\\^`{|}]/g, encodeURIComponent);
  if (query.length === 0) return encoded;
  const added = new URLSearchParams();
  for (const [name, value] of query) added.append(name, value);
  return `${encoded}${encoded.includes('?') ? '&' : '?'}${added.toString()}`;
}

function assertHeader(name: string, value: string, travels: (name: string) => boolean): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw badEvent(`--header: ${JSON.stringify(`${name}: ${value}`)} is none that HTTP has`);
  }
  if (COMPUTED.has(name)) throw badEvent(`--header: ${name} follows from the data, which is sent as it is`);
  if (!travels(name)) throw badEvent(`--header: functions never see ${name}`);
}

/** As the ingress would have read it. */
function requestBody(bytes: Buffer): UnreadBody {
  return {
    read(maxBytes, limitBytes): Body {
      if (limitBytes > 0 && bytes.length > limitBytes) throw bodyTooLarge(limitBytes);
      const isStream = maxBytes === 0 || bytes.length > maxBytes;
      return isStream ? { kind: 'stream', stream: once(bytes) } : { kind: 'bytes', bytes };
    },
    abandon: () => {},
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** JSON, unless it is a text of another media type. */
function bytesOf(body: unknown, contentType: string | undefined): Buffer {
  const isText = typeof body === 'string' && contentType !== undefined && !/[/+]json\b/i.test(contentType);
  return Buffer.from(isText ? body : (toJson(body) ?? ''));
}

function pairsOf(named: Readonly<Record<string, string | readonly string[]>>): Pair[] {
  return Object.entries(named).flatMap(([name, values]) => [values].flat().map((value): Pair => [name, value]));
}

function valueOf(headers: readonly Pair[], wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1];
}
