// Original file: bottle/v1/channel.proto

import type { TriggerKind as _bottle_v1_TriggerKind, TriggerKind__Output as _bottle_v1_TriggerKind__Output } from '../../bottle/v1/TriggerKind.ts';
import type { HttpRequest as _bottle_v1_HttpRequest, HttpRequest__Output as _bottle_v1_HttpRequest__Output } from '../../bottle/v1/HttpRequest.ts';

/**
 * One call.
 */
export interface Request {
  /**
   * The function's name, or `<capability>.<method>/<resource>` for a bottle call.
   */
  'target'?: (string);
  /**
   * The invocation that this call is, or belongs to: 32 lower-case hex digits, usable as a W3C trace id.
   */
  'invocationId'?: (string);
  /**
   * Milliseconds that remain until the deadline, counted from when the frame is written. 0: none.
   */
  'timeoutMs'?: (number);
  /**
   * What started the invocation.
   */
  'trigger'?: (_bottle_v1_TriggerKind);
  /**
   * Set for TRIGGER_KIND_HTTP.
   */
  'http'?: (_bottle_v1_HttpRequest | null);
  /**
   * Media type of the body, as the caller named it. Empty: application/json for an event, unknown for HTTP.
   */
  'contentType'?: (string);
  /**
   * W3C trace context of the caller; empty when it sent none (then invocation_id is the trace id).
   */
  'traceparent'?: (string);
  /**
   * W3C baggage of the caller.
   */
  'baggage'?: (string);
  /**
   * Who calls: a function's name for calls from inside the pod, empty for the outside world.
   */
  'caller'?: (string);
  /**
   * What the trigger says of the event, alternating name and value: "topic", "orders", "attempt", "2". For
   * TRIGGER_KIND_RPC: "service", "method", "peer", and "metadata.<name>" for each entry of the request's metadata.
   */
  'attributes'?: (string)[];
  /**
   * How many places of the function it takes. 0: one.
   */
  'places'?: (number);
  /**
   * The bytes as they came. Empty when the body is streamed or there is none.
   */
  'body'?: (Buffer | Uint8Array | string);
}

/**
 * One call.
 */
export interface Request__Output {
  /**
   * The function's name, or `<capability>.<method>/<resource>` for a bottle call.
   */
  'target': (string);
  /**
   * The invocation that this call is, or belongs to: 32 lower-case hex digits, usable as a W3C trace id.
   */
  'invocationId': (string);
  /**
   * Milliseconds that remain until the deadline, counted from when the frame is written. 0: none.
   */
  'timeoutMs': (number);
  /**
   * What started the invocation.
   */
  'trigger': (_bottle_v1_TriggerKind__Output);
  /**
   * Set for TRIGGER_KIND_HTTP.
   */
  'http': (_bottle_v1_HttpRequest__Output | null);
  /**
   * Media type of the body, as the caller named it. Empty: application/json for an event, unknown for HTTP.
   */
  'contentType': (string);
  /**
   * W3C trace context of the caller; empty when it sent none (then invocation_id is the trace id).
   */
  'traceparent': (string);
  /**
   * W3C baggage of the caller.
   */
  'baggage': (string);
  /**
   * Who calls: a function's name for calls from inside the pod, empty for the outside world.
   */
  'caller': (string);
  /**
   * What the trigger says of the event, alternating name and value: "topic", "orders", "attempt", "2". For
   * TRIGGER_KIND_RPC: "service", "method", "peer", and "metadata.<name>" for each entry of the request's metadata.
   */
  'attributes': (string)[];
  /**
   * How many places of the function it takes. 0: one.
   */
  'places': (number);
  /**
   * The bytes as they came. Empty when the body is streamed or there is none.
   */
  'body': (Buffer);
}
