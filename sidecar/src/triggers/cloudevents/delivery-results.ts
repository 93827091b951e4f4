import { BottleError, Code, codeOfHttpStatus, toJson } from '@bottle/protos';
import type { HttpAnswer } from '../../layer.ts';
import type { Delivered } from './deliver-event.ts';
import { attributeOf, BATCH_TYPE, EVENT_TYPE, type JsonEvent } from './json-event.ts';

/** One event of a request and what became of it. */
export interface EventResult {
  event: JsonEvent;
  delivered: readonly Delivered[];
}

/** The answer to one event: 204, an event that a function returned, or the failure. */
export function answerOne({ event, delivered }: EventResult): HttpAnswer {
  const functionName = delivered.length === 1 ? (delivered[0]?.functionName ?? '') : '';
  const errors = errorsOf(delivered);
  const [only] = errors;
  if (only && delivered.length === 1) return { functionName, error: only };
  if (only) return { functionName, error: failureOf([{ event, delivered }], errors) };
  const replies = repliesOf(delivered);
  return { functionName, response: replies.length > 1 ? batchOf(replies) : singleOf(replies[0]) };
}

/** The answer to a batch: 204, a batch of what the functions returned, or which of its events failed. */
export function answerBatch(results: readonly EventResult[]): HttpAnswer {
  const all = results.flatMap(({ delivered }) => delivered);
  const names = new Set(all.map(({ functionName }) => functionName));
  const functionName = names.size === 1 ? [...names].join('') : '';
  const errors = errorsOf(all);
  if (errors.length > 0) return { functionName, error: failureOf(results, errors) };
  const replies = repliesOf(all);
  return { functionName, response: replies.length > 0 ? batchOf(replies) : singleOf(undefined) };
}

/** Names every failure. The status makes the sender try again if any of them may pass later. */
function failureOf(results: readonly EventResult[], errors: readonly BottleError[]): BottleError {
  const status = (errors.find(mayPassLater) ?? errors[0])?.httpStatus ?? 500;
  const failures = results.flatMap(({ event, delivered }, index) =>
    delivered.flatMap(({ functionName, error }) =>
      error ? [{ index, id: event['id'], source: event['source'], ...describe(functionName, error) }] : [],
    ),
  );
  const succeeded = results.flatMap(({ delivered }) => delivered).length - failures.length;
  const later = errors.flatMap(({ details: { retryAfterSec } }) =>
    typeof retryAfterSec === 'number' ? retryAfterSec : [],
  );
  const message = `${failures.length} of ${failures.length + succeeded} deliveries failed`;
  return new BottleError(codeOfHttpStatus(status), 'cloudevents-failed', message, {
    httpStatus: status,
    details: { succeeded, failures, ...(later.length > 0 ? { retryAfterSec: Math.max(...later) } : {}) },
  });
}

function describe(functionName: string, error: BottleError): object {
  const { httpStatus, code, reason, message, details } = error;
  return {
    ...(functionName === '' ? {} : { function: functionName }),
    status: httpStatus,
    code,
    reason,
    detail: message,
    ...(Object.keys(details).length > 0 ? { details } : {}),
  };
}

function mayPassLater({ httpStatus }: BottleError): boolean {
  return httpStatus >= 500 || httpStatus === 429 || httpStatus === 408;
}

/** For an event that no function takes. */
export function unwanted(event: JsonEvent): BottleError {
  const about = ['type', 'source', 'subject'].map((name) => `${name} ${JSON.stringify(attributeOf(event, name))}`);
  return new BottleError(Code.NOT_FOUND, 'no-event-function', `no function takes events of ${about.join(', ')}`);
}

function errorsOf(delivered: readonly Delivered[]): BottleError[] {
  return delivered.flatMap(({ error }) => error ?? []);
}

function repliesOf(delivered: readonly Delivered[]): JsonEvent[] {
  return delivered.flatMap(({ reply }) => (reply ? [reply] : []));
}

function singleOf(reply: JsonEvent | undefined): NonNullable<HttpAnswer['response']> {
  if (!reply) return { status: 204, headers: [], body: Buffer.alloc(0) };
  return json(EVENT_TYPE, reply);
}

function batchOf(replies: readonly JsonEvent[]): NonNullable<HttpAnswer['response']> {
  return json(BATCH_TYPE, replies);
}

function json(contentType: string, value: unknown): NonNullable<HttpAnswer['response']> {
  const headers = ['content-type', `${contentType}; charset=utf-8`];
  return { status: 200, headers, body: Buffer.from(toJson(value) ?? '') };
}
