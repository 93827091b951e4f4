import { BottleError, Code, type Request__Output, toJson } from '@bottle/protos';
import type { CloudEvent } from 'bottle-sdk';
import { decodeValue } from './decode-event.ts';
import { encodeEventResult, type EncodedResult } from './encode-result.ts';
import type { EventFormat } from './event-formats.ts';
import { parseJson } from './parse-json.ts';

const EVENT_TYPE = 'application/cloudevents+json';

/**
 * A CloudEvent in its JSON format, as the sidecar sends it, becomes one with `data` alone. A result that is a CloudEvent
 * goes back as one, with an id and a source of its own where it has none.
 */
export const CLOUD_EVENT_FORMAT: EventFormat = {
  decode({ body }) {
    const { data, data_base64: base64, ...attributes } = parseJson(body.toString()) as Record<string, unknown>;
    const contentType = attributes['datacontenttype'];
    const value = typeof base64 === 'string' ? decodeValue(Buffer.from(base64, 'base64'), textOf(contentType)) : data;
    return Object.freeze({ ...attributes, data: value });
  },
  encode(result, _event, { request }) {
    if (!isCloudEvent(result)) return encodeEventResult(result);
    return encodeCloudEvent(result, request);
  },
};

function encodeCloudEvent(result: CloudEvent, request: Request__Output): EncodedResult {
  const { data, ...attributes } = result;
  const payload = data instanceof Uint8Array ? { data_base64: Buffer.from(data).toString('base64') } : { data };
  const made = { id: request.invocationId, source: `/${request.target}`, time: new Date().toISOString() };
  const json = { ...made, ...attributes, ...payload };
  return { response: { value: { contentType: EVENT_TYPE } }, bytes: Buffer.from(jsonOf(json)) };
}

function jsonOf(event: object): string {
  try {
    return toJson(event) ?? 'null';
  } catch (cause) {
    throw new BottleError(Code.INTERNAL, 'function-error', 'the returned CloudEvent has no JSON form', { cause });
  }
}

function isCloudEvent(value: unknown): value is CloudEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { specversion, type } = value as Record<string, unknown>;
  return typeof specversion === 'string' && typeof type === 'string';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
