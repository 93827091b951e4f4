// Which answers repeats get: what the function decided, not what went wrong around it. A client that repeats after the
// others wants another try.
import { BottleError, Code, type Error__Output, fromWireError, toWireError } from '@bottle/protos';
import type { Invocation, Outcome } from '../layer.ts';
import { problemOf } from '../problem.ts';
import type { Answer } from './stored-answer.ts';

/** Statuses under 500 that ask for another try, or for other credentials. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([401, 403, 408, 425, 429]);

/** Codes that the same request would get again. */
const LASTING_CODES: ReadonlySet<Code> = new Set([
  Code.INVALID_ARGUMENT,
  Code.NOT_FOUND,
  Code.ALREADY_EXISTS,
  Code.FAILED_PRECONDITION,
  Code.OUT_OF_RANGE,
]);

/** Cookies are for the one who was there first; whether an answer is a repeat's, the platform says. */
const UNKEPT_HEADERS: ReadonlySet<string> = new Set(['set-cookie', 'idempotency-replayed']);

const NO_ERROR: Error__Output = { code: 0, reason: '', message: '', detailsJson: '', httpStatus: 0, reportJson: '' };

/** What is kept of an outcome whose body is `body`; undefined: nothing, a repeat runs again. */
export function answerOf({ response }: Outcome, body: Buffer, { target, id }: Invocation): Answer | undefined {
  const { http, value, error, metadata, trailer } = response;
  if (value) return { kind: 'value', contentType: value.contentType, metadata, trailer, body };
  if (error) {
    const answer = answerOfError(fromWireError(error), { target, id });
    return answer?.kind === 'error' ? { ...answer, metadata, trailer } : answer;
  }
  if (!http || http.status >= 500 || PASSING_STATUSES.has(http.status)) return undefined;
  const headers = http.headers.flatMap((name, index) => {
    if (index % 2 === 1 || UNKEPT_HEADERS.has(name.toLowerCase())) return [];
    return [name, http.headers[index + 1] ?? ''];
  });
  return { kind: 'http', status: http.status, headers, body };
}

/**
 * What is kept of an error; undefined: nothing. Messages and CloudEvents keep none, because the retry that follows an
 * error is meant to run the function again.
 */
export function answerOfError(thrown: unknown, { target, id }: Pick<Invocation, 'target' | 'id'>): Answer | undefined {
  if (!(thrown instanceof BottleError) || !LASTING_CODES.has(thrown.code)) return undefined;
  if (thrown.reason === 'no-function') return undefined; // it may come back with the next reload
  if (target.kind === 'http') {
    const { status, headers, body } = problemOf(thrown, id);
    return { kind: 'http', status, headers, body };
  }
  const { trigger } = target;
  if (trigger === 'TRIGGER_KIND_MQ' || trigger === 'TRIGGER_KIND_CLOUDEVENT') return undefined;
  return { kind: 'error', error: { ...NO_ERROR, ...toWireError(thrown) }, metadata: [], trailer: [] };
}
