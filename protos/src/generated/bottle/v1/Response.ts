// Original file: bottle/v1/channel.proto

import type { HttpResponse as _bottle_v1_HttpResponse, HttpResponse__Output as _bottle_v1_HttpResponse__Output } from '../../bottle/v1/HttpResponse.ts';
import type { Value as _bottle_v1_Value, Value__Output as _bottle_v1_Value__Output } from '../../bottle/v1/Value.ts';
import type { Error as _bottle_v1_Error, Error__Output as _bottle_v1_Error__Output } from '../../bottle/v1/Error.ts';

/**
 * The answer to one call.
 */
export interface Response {
  /**
   * Answer to an HTTP invocation; the bytes are in `body`.
   */
  'http'?: (_bottle_v1_HttpResponse | null);
  /**
   * Answer to any other call; the bytes are in `body`.
   */
  'value'?: (_bottle_v1_Value | null);
  /**
   * The call failed.
   */
  'error'?: (_bottle_v1_Error | null);
  /**
   * The body is not here: open `FunctionRuntime.Stream` with `attach` within 5 s to read it.
   */
  'streamed'?: (boolean);
  /**
   * For a bottle call: the body is not here, because it is larger than a frame may be; `Bottle.Collect` gives it under
   * this ticket, once, within 5 s.
   */
  'ticket'?: (string);
  /**
   * For TRIGGER_KIND_RPC, set by the function, whatever the outcome: entries for the head of the gRPC response,
   * alternating lower-case name and value; values of names that end in -bin are base64.
   */
  'metadata'?: (string)[];
  /**
   * The same for its trailer. That of a streamed response comes at its end, in an RpcEnd.
   */
  'trailer'?: (string)[];
  /**
   * The call is not over: its code still runs, or its stream does. `over` follows.
   */
  'unfinished'?: (boolean);
  /**
   * The bytes to deliver. Empty when streamed or none.
   */
  'body'?: (Buffer | Uint8Array | string);
  'outcome'?: "http"|"value"|"error";
}

/**
 * The answer to one call.
 */
export interface Response__Output {
  /**
   * Answer to an HTTP invocation; the bytes are in `body`.
   */
  'http'?: (_bottle_v1_HttpResponse__Output | null);
  /**
   * Answer to any other call; the bytes are in `body`.
   */
  'value'?: (_bottle_v1_Value__Output | null);
  /**
   * The call failed.
   */
  'error'?: (_bottle_v1_Error__Output | null);
  /**
   * The body is not here: open `FunctionRuntime.Stream` with `attach` within 5 s to read it.
   */
  'streamed': (boolean);
  /**
   * For a bottle call: the body is not here, because it is larger than a frame may be; `Bottle.Collect` gives it under
   * this ticket, once, within 5 s.
   */
  'ticket': (string);
  /**
   * For TRIGGER_KIND_RPC, set by the function, whatever the outcome: entries for the head of the gRPC response,
   * alternating lower-case name and value; values of names that end in -bin are base64.
   */
  'metadata': (string)[];
  /**
   * The same for its trailer. That of a streamed response comes at its end, in an RpcEnd.
   */
  'trailer': (string)[];
  /**
   * The call is not over: its code still runs, or its stream does. `over` follows.
   */
  'unfinished': (boolean);
  /**
   * The bytes to deliver. Empty when streamed or none.
   */
  'body': (Buffer);
  'outcome'?: "http"|"value"|"error";
}
