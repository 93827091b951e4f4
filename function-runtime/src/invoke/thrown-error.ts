// What a function throws on purpose: an error of the platform, or one that says what its client gets by the habit of a
// library. http-errors and Koa have `status` or `statusCode`, `expose` and `headers`; Boom has `output`.
import { BottleError, codeOfHttpStatus } from '@bottle/protos';
import { headerLines } from 'bottle-sdk/http-results';
import type { ResponseState } from './http-context.ts';

/** What tells of a body, which an error does not have, lets somebody keep it, or belongs to one connection. */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'last-modified',
]);

interface StatedError extends Error {
  status?: unknown;
  statusCode?: unknown;
  expose?: unknown;
  headers?: unknown;
  isBoom?: unknown;
  output?: { statusCode?: unknown; headers?: unknown };
}

/** The status that an error says its client gets, from 400 to 599; undefined: it says none. */
export function statedStatusOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { status, statusCode, isBoom, output } = thrown as StatedError;
  const stated = [status, statusCode, isBoom === true ? output?.statusCode : undefined].find(
    (value) => typeof value === 'number',
  );
  return typeof stated === 'number' && stated >= 400 && stated <= 599 ? stated : undefined;
}

/** The error that a client gets for one with a status: its words are shown below 500, or as `expose` says. */
export function statedError(thrown: Error, status: number, hidden: string): BottleError {
  const { expose } = thrown as StatedError;
  const isShown = typeof expose === 'boolean' ? expose : status < 500;
  return new BottleError(codeOfHttpStatus(status), 'function-error', isShown ? thrown.message : hidden, {
    httpStatus: status,
  });
}

/** An error of a message by the function's author: its reason may be one that the platform has for what is no message's fault. */
export function authorsError(error: BottleError): BottleError {
  return error.withDetails({ thrown: true });
}

/** The error with the headers that its function has set before, and those that the thrown one brings. */
export function withHeaders(error: BottleError, thrown: unknown, set: ResponseState | undefined): BottleError {
  const headers = [...(set?.headers ?? []), ...headersOf(thrown)].filter(([name]) => !DROPPED_HEADERS.has(name));
  if (headers.length === 0) return error;
  const { code, reason, message, httpStatus, cause, report } = error;
  const details = { ...error.details, responseHeaders: Object.fromEntries(headers) };
  return new BottleError(code, reason, message, { details, httpStatus, cause, report });
}

/** Lower-case name and lines; what HTTP cannot carry is left out. */
function headersOf(thrown: unknown): [name: string, lines: string[]][] {
  const { headers, isBoom, output } = (thrown ?? {}) as StatedError;
  const given = isBoom === true ? output?.headers : headers;
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([name, value]): [string, string[]][] => {
    try {
      return [[name.toLowerCase(), headerLines(name, value as string)]];
    } catch {
      return [];
    }
  });
}
