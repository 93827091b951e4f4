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
  'frame'?: "request"|"response"|"chunk";
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
  'frame'?: "request"|"response"|"chunk";
}
