// Original file: bottle/v1/http.proto

import type { HttpFetchRequest as _bottle_v1_HttpFetchRequest, HttpFetchRequest__Output as _bottle_v1_HttpFetchRequest__Output } from '../../bottle/v1/HttpFetchRequest.ts';
import type { HttpFetchResponse as _bottle_v1_HttpFetchResponse, HttpFetchResponse__Output as _bottle_v1_HttpFetchResponse__Output } from '../../bottle/v1/HttpFetchResponse.ts';

/**
 * One step of a request or its answer.
 */
export interface HttpFetchFrame {
  /**
   * First frame up.
   */
  'request'?: (_bottle_v1_HttpFetchRequest | null);
  /**
   * First frame down.
   */
  'response'?: (_bottle_v1_HttpFetchResponse | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer | Uint8Array | string);
  /**
   * Last frame up: the body is whole.
   */
  'end'?: (boolean);
  /**
   * With `request`: a body that stops without `end` was cut off.
   */
  'marksEnd'?: (boolean);
  'frame'?: "request"|"response"|"chunk"|"end";
}

/**
 * One step of a request or its answer.
 */
export interface HttpFetchFrame__Output {
  /**
   * First frame up.
   */
  'request'?: (_bottle_v1_HttpFetchRequest__Output | null);
  /**
   * First frame down.
   */
  'response'?: (_bottle_v1_HttpFetchResponse__Output | null);
  /**
   * At most 64 KiB, never empty.
   */
  'chunk'?: (Buffer);
  /**
   * Last frame up: the body is whole.
   */
  'end'?: (boolean);
  /**
   * With `request`: a body that stops without `end` was cut off.
   */
  'marksEnd': (boolean);
  'frame'?: "request"|"response"|"chunk"|"end";
}
