// Original file: bottle/v1/runtime.proto

import type { Request as _bottle_v1_Request, Request__Output as _bottle_v1_Request__Output } from '../../bottle/v1/Request.ts';
import type { Response as _bottle_v1_Response, Response__Output as _bottle_v1_Response__Output } from '../../bottle/v1/Response.ts';

/**
 * One step of a streaming invocation.
 */
export interface StreamFrame {
  /**
   * First frame up.
   */
  'request'?: (_bottle_v1_Request | null);
  /**
   * The invocation id of a response that said `streamed`.
   */
  'attach'?: (string);
  /**
   * First frame down.
   */
  'response'?: (_bottle_v1_Response | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer | Uint8Array | string);
  /**
   * Last frame up: the body is whole.
   */
  'end'?: (boolean);
  /**
   * With `request`: a body that stops without `end` was cut off. (Clients that give a call up may half-close it first.)
   */
  'marksEnd'?: (boolean);
  /**
   * With `request` or `attach`: the caller says `taken` on the batched stream, and no more than 68 KiB beyond that are sent
   * to it. Without, HTTP/2 flow control alone bounds what is under way. Feature `taken`.
   */
  'saysTaken'?: (boolean);
  'kind'?: "request"|"attach"|"response"|"chunk"|"end";
}

/**
 * One step of a streaming invocation.
 */
export interface StreamFrame__Output {
  /**
   * First frame up.
   */
  'request'?: (_bottle_v1_Request__Output | null);
  /**
   * The invocation id of a response that said `streamed`.
   */
  'attach'?: (string);
  /**
   * First frame down.
   */
  'response'?: (_bottle_v1_Response__Output | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer);
  /**
   * Last frame up: the body is whole.
   */
  'end'?: (boolean);
  /**
   * With `request`: a body that stops without `end` was cut off. (Clients that give a call up may half-close it first.)
   */
  'marksEnd': (boolean);
  /**
   * With `request` or `attach`: the caller says `taken` on the batched stream, and no more than 68 KiB beyond that are sent
   * to it. Without, HTTP/2 flow control alone bounds what is under way. Feature `taken`.
   */
  'saysTaken': (boolean);
  'kind'?: "request"|"attach"|"response"|"chunk"|"end";
}
