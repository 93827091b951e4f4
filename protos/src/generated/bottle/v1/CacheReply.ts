// Original file: bottle/v1/cache.proto

import type { CacheReplies as _bottle_v1_CacheReplies, CacheReplies__Output as _bottle_v1_CacheReplies__Output } from '../../bottle/v1/CacheReplies.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The store's own answer, as RESP gives it.
 */
export interface CacheReply {
  /**
   * Nothing.
   */
  'nil'?: (boolean);
  /**
   * A whole number.
   */
  'integer'?: (number | string | Long);
  /**
   * Bytes.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * "OK" and the like.
   */
  'status'?: (string);
  /**
   * Several.
   */
  'array'?: (_bottle_v1_CacheReplies | null);
  /**
   * A number with a fraction.
   */
  'number'?: (number | string);
  /**
   * True or false.
   */
  'boolean'?: (boolean);
  'reply'?: "nil"|"integer"|"value"|"status"|"array"|"number"|"boolean";
}

/**
 * The store's own answer, as RESP gives it.
 */
export interface CacheReply__Output {
  /**
   * Nothing.
   */
  'nil'?: (boolean);
  /**
   * A whole number.
   */
  'integer'?: (string);
  /**
   * Bytes.
   */
  'value'?: (Buffer);
  /**
   * "OK" and the like.
   */
  'status'?: (string);
  /**
   * Several.
   */
  'array'?: (_bottle_v1_CacheReplies__Output | null);
  /**
   * A number with a fraction.
   */
  'number'?: (number);
  /**
   * True or false.
   */
  'boolean'?: (boolean);
  'reply'?: "nil"|"integer"|"value"|"status"|"array"|"number"|"boolean";
}
