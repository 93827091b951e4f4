import type { IncomingMessage } from 'node:http';
import { type BottleError, toJson } from '@bottle/protos';

// An import of node:http would also load its web clients, an eighth of the start.
const { STATUS_CODES, validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/** An RFC 9457 problem document, and the head that goes with it. */
export interface Problem {
  status: number;
  /** Alternating name and value, with content-type and content-length. */
  headers: string[];
  body: Buffer;
}

/** How an error becomes an answer to a request. */
export type ProblemOf = (
  error: BottleError,
  invocationId: string | undefined,
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
) => Problem;

/** The one place that turns an error into an HTTP answer. */
export function problemOf(error: BottleError, invocationId: string | undefined): Problem {
  return problemWith(error, invocationId, {});
}

/** The same with further fields. */
export function problemWith(error: BottleError, invocationId: string | undefined, more: object): Problem {
  const status = error.httpStatus;
  const { allow, acceptEncoding, retryAfterSec, contentRange, responseHeaders, ...details } = error.details;
  const document = {
    type: `urn:bottle:error:${error.reason}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    reason: error.reason,
    invocationId,
    ...(Object.keys(details).length > 0 ? { details } : {}),
    ...more,
  };
  const body = Buffer.from(toJson(document) ?? '');
  const headers = ['content-type', 'application/problem+json', 'content-length', String(body.length)];
  if (Array.isArray(allow)) headers.push('allow', allow.join(', '));
  if (Array.isArray(acceptEncoding)) headers.push('accept-encoding', acceptEncoding.join(', '));
  if (typeof retryAfterSec === 'number') headers.push('retry-after', String(retryAfterSec));
  if (typeof contentRange === 'string') headers.push('content-range', contentRange);
  headers.push(...ownHeaders(responseHeaders, headers));
  return { status, headers, body };
}

/** Those that the function brings, by name: lines each. What the platform says itself counts; what cannot be written is left out. */
function ownHeaders(own: unknown, said: readonly string[]): string[] {
  if (typeof own !== 'object' || own === null) return [];
  return Object.entries(own).flatMap(([name, lines]) =>
    said.includes(name.toLowerCase()) || !Array.isArray(lines)
      ? []
      : lines.map(String).flatMap((line) => (isWritable(name, line) ? [name, line] : [])),
  );
}

function isWritable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
