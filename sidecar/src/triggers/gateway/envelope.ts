import { BottleError, Code, type Response, toJson } from '@bottle/protos';
import type { HttpAnswerMessage } from '../../layer.ts';

/** What every answer says of its request. */
export interface EnvelopeHead {
  /** Empty when the path named none. */
  api: string;
  version: string;
  requestId: string;
  /** Milliseconds since 1970. */
  serverTime: number;
}

const JSON_TYPE = 'application/json';
const NULL = Buffer.from('null');

/** The envelope of a success: `{ api, v, ret: { code: "ok" }, data, requestId, serverTime }`. */
export function envelopeOf(head: EnvelopeHead, data: Buffer): HttpAnswerMessage {
  return envelope(200, head, { code: 'ok', message: 'success' }, data);
}

/** The same for a failure: the code is the error's reason, data is null. */
export function failureEnvelope(head: EnvelopeHead, error: BottleError): HttpAnswerMessage {
  const { allow, retryAfterSec, ...details } = error.details;
  const ret = { code: error.reason, message: error.message };
  const message = envelope(error.httpStatus, head, Object.keys(details).length > 0 ? { ...ret, details } : ret, NULL);
  const headers = [...message.headers];
  if (Array.isArray(allow)) headers.push('allow', allow.join(', '));
  if (typeof retryAfterSec === 'number') headers.push('retry-after', String(retryAfterSec));
  return { ...message, headers };
}

/** A function's result as JSON. Throws INTERNAL when it is none. */
export function dataOf({ value, body = '' }: Response): Buffer {
  const bytes = Buffer.from(body as Buffer);
  if (bytes.length === 0) return NULL;
  if ((value?.contentType ?? '').startsWith(JSON_TYPE)) return bytes;
  throw new BottleError(Code.INTERNAL, 'result-not-json', 'the result of a gateway function must have a JSON form');
}

/** The data goes in as the function's bytes; everything around it is small. */
function envelope(status: number, head: EnvelopeHead, ret: object, data: Buffer): HttpAnswerMessage {
  const { api, version, requestId, serverTime } = head;
  const before = toJson({ api, v: version, ret }) ?? '';
  const after = JSON.stringify({ requestId, serverTime });
  const body = Buffer.concat([Buffer.from(`${before.slice(0, -1)},"data":`), data, Buffer.from(`,${after.slice(1)}`)]);
  return { status, headers: ['content-type', 'application/json; charset=utf-8'], body };
}
