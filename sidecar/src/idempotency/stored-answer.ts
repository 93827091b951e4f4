// What is kept under a key: one line of JSON, then the bytes of the body.
import { BottleError, Code, type Error__Output } from '@bottle/protos';
import type { Outcome } from '../layer.ts';

/** An answer that every repeat gets. */
export type Answer =
  | { kind: 'http'; status: number; headers: string[]; body: Buffer }
  | { kind: 'value'; contentType: string; metadata: string[]; trailer: string[]; body: Buffer }
  | { kind: 'error'; error: Error__Output; metadata: string[]; trailer: string[] }
  /** Its body was larger than MAX_KEPT_BYTES. */
  | { kind: 'unkept' };

/** What stands under a key. */
export type Entry =
  /** Somebody works on it. */
  | { state: 'running'; print: string; owner: string }
  /** It is answered. */
  | { state: 'done'; print: string; answer: Answer };

/** Largest body that is kept, in bytes. */
export const MAX_KEPT_BYTES: number = 1024 * 1024;

/** What a repeat can know itself by. */
const REPLAYED = Object.freeze(['idempotency-replayed', 'true']);

const NEW_LINE = 0x0a;
const NO_BYTES = Buffer.alloc(0);

export function encodeEntry(entry: Entry): Buffer {
  if (entry.state === 'running' || !('body' in entry.answer)) return Buffer.from(`${JSON.stringify(entry)}\n`);
  const { body, ...answer } = entry.answer;
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...entry, answer })}\n`), body]);
}

/** Throws for bytes that something else has put there. */
export function decodeEntry(bytes: Buffer): Entry {
  const end = bytes.indexOf(NEW_LINE);
  const entry = JSON.parse(bytes.toString('utf8', 0, Math.max(end, 0))) as Entry;
  if (entry.state === 'done' && (entry.answer.kind === 'http' || entry.answer.kind === 'value')) {
    entry.answer.body = bytes.subarray(end + 1);
  }
  return entry;
}

/** The stored answer as a repeat gets it, be it an error. Throws FAILED_PRECONDITION for `unkept`. */
export function replayOf(answer: Answer): Outcome {
  const head = { streamed: false, unfinished: false, ticket: '', metadata: [], trailer: [] };
  if (answer.kind === 'http') {
    const http = { status: answer.status, headers: [...answer.headers, ...REPLAYED] };
    return { response: { ...head, outcome: 'http', http, body: answer.body } };
  }
  if (answer.kind === 'value') {
    const { contentType, trailer, body } = answer;
    const metadata = [...answer.metadata, ...REPLAYED];
    return { response: { ...head, outcome: 'value', value: { contentType }, metadata, trailer, body } };
  }
  if (answer.kind === 'error') {
    const { error, trailer } = answer;
    const metadata = [...answer.metadata, ...REPLAYED];
    return { response: { ...head, outcome: 'error', error, metadata, trailer, body: NO_BYTES } };
  }
  const message = `this was done already; its result is larger than ${MAX_KEPT_BYTES} bytes and was not kept`;
  throw new BottleError(Code.FAILED_PRECONDITION, 'idempotency-result-too-large', message, { httpStatus: 409 });
}
