// Original file: bottle/v1/channel.proto

import type { Idempotency as _bottle_v1_Idempotency, Idempotency__Output as _bottle_v1_Idempotency__Output } from '../../bottle/v1/Idempotency.ts';
import type { Cors as _bottle_v1_Cors, Cors__Output as _bottle_v1_Cors__Output } from '../../bottle/v1/Cors.ts';

/**
 * Requests that a function answers.
 */
export interface HttpRoute {
  /**
   * Upper-case; empty means any.
   */
  'methods'?: (string)[];
  /**
   * "/items/:id", "/files/*".
   */
  'path'?: (string);
  /**
   * "shop.example.com", "*.example.com"; empty means any.
   */
  'host'?: (string);
  /**
   * The function wants the request body as a stream, not collected.
   */
  'stream'?: (boolean);
  /**
   * Lowers the function's timeout for this route. 0: it does not.
   */
  'timeoutMs'?: (number);
  /**
   * A request that comes again gets the answer of the first one.
   */
  'idempotency'?: (_bottle_v1_Idempotency | null);
  /**
   * Absent: pages of other origins cannot read its answers, unless the function says so itself.
   */
  'cors'?: (_bottle_v1_Cors | null);
}

/**
 * Requests that a function answers.
 */
export interface HttpRoute__Output {
  /**
   * Upper-case; empty means any.
   */
  'methods': (string)[];
  /**
   * "/items/:id", "/files/*".
   */
  'path': (string);
  /**
   * "shop.example.com", "*.example.com"; empty means any.
   */
  'host': (string);
  /**
   * The function wants the request body as a stream, not collected.
   */
  'stream': (boolean);
  /**
   * Lowers the function's timeout for this route. 0: it does not.
   */
  'timeoutMs': (number);
  /**
   * A request that comes again gets the answer of the first one.
   */
  'idempotency': (_bottle_v1_Idempotency__Output | null);
  /**
   * Absent: pages of other origins cannot read its answers, unless the function says so itself.
   */
  'cors': (_bottle_v1_Cors__Output | null);
}
