import { BottleError, Code, parseExactJson } from '@bottle/protos';
import { z } from 'zod';
import { badEvent, type Given, type Pair } from './manual-call.ts';

/** The media type of a whole event: a JSON object whose `$event` says of which trigger. */
const WHOLE_EVENT = 'application/vnd.bottle.event+json';
const NAMES: ReadonlySet<string> = new Set(['as', 'path', 'method', 'query', 'header']);

/** A request of the admin port as it came. */
export interface InvokeRequest {
  /** By name; those that came several times as a list. */
  query: Readonly<Record<string, string | readonly string[] | undefined>>;
  contentType: string;
  body: Buffer | undefined;
}

/** What a request gives to call a function with. Throws INVALID_ARGUMENT. */
export function parseGiven({ query, contentType, body }: InvokeRequest): Given {
  const strange = Object.keys(query).find((name) => !NAMES.has(name));
  if (strange !== undefined) throw badQuery(`there is no query parameter ${JSON.stringify(strange)}`);
  const given: Given = {
    as: oneOf(query, 'as'),
    path: oneOf(query, 'path'),
    method: oneOf(query, 'method')?.toUpperCase(),
    query: allOf(query, 'query').map((text) => pairOf(text, '=')),
    headers: allOf(query, 'header').map((text) => headerOf(text)),
    data: body,
    contentType,
    members: undefined,
  };
  return contentType.startsWith(WHOLE_EVENT) ? withMembers(given, body) : given;
}

/** The members of a whole event as their schema has them. Throws INVALID_ARGUMENT with everything that is wrong. */
export function parseMembers<Schema extends z.ZodType>(
  schema: Schema,
  kind: string,
  members: object,
): z.output<Schema> {
  const result = schema.safeParse(members);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw badEvent(`this is no whole event of ${kind}: ${problems.join('; ').replaceAll(/(^|; ): /g, '$1')}`);
}

/** The data as a value; integers keep all their digits. Undefined: there is none. Throws INVALID_ARGUMENT. */
export function jsonOf({ data }: Given): unknown {
  return data === undefined || data.length === 0 ? undefined : parsed(data);
}

function parsed(data: Buffer): unknown {
  try {
    return parseExactJson(data.toString());
  } catch (error) {
    throw badEvent(`the data is not JSON: ${(error as Error).message}`);
  }
}

function withMembers(given: Given, body: Buffer | undefined): Given {
  const whole = z.looseObject({ $event: z.string() }).safeParse(parsed(body ?? Buffer.alloc(0)));
  if (!whole.success) throw badEvent('a whole event is an object with "$event", as --example prints it');
  const { $event, ...members } = whole.data;
  if (given.as !== undefined && given.as !== $event && !$event.startsWith(`${given.as}:`))
    throw badEvent(`the event is for ${JSON.stringify($event)}, and --as says ${JSON.stringify(given.as)}`);
  return { ...given, as: $event, data: undefined, contentType: 'application/json', members };
}

/** "x-tenant: a", and "x-tenant=a". */
function headerOf(text: string): Pair {
  const [separator] = /[:=]/.exec(text) ?? [];
  const [name, value] = pairOf(text, separator ?? ':');
  if (separator === undefined || name.trim() === '')
    throw badEvent(`--header takes a name and a value, not ${JSON.stringify(text)}`);
  return [name.trim().toLowerCase(), value.trim()];
}

function pairOf(text: string, separator: string): Pair {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function oneOf(query: InvokeRequest['query'], name: string): string | undefined {
  const [value, ...more] = allOf(query, name);
  if (more.length > 0) throw badQuery(`the query parameter "${name}" stands there twice`);
  return value;
}

function allOf(query: InvokeRequest['query'], name: string): readonly string[] {
  const value = query[name] ?? [];
  return typeof value === 'string' ? [value] : value;
}

function badQuery(message: string): BottleError {
  return new BottleError(Code.INVALID_ARGUMENT, 'bad-query', message);
}
