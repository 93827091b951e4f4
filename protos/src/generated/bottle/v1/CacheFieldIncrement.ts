// Original file: bottle/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Adds to a number in a hash.
 */
export interface CacheFieldIncrement {
  /**
   * The hash.
   */
  'key'?: (string);
  /**
   * The field; none counts as 0.
   */
  'field'?: (Buffer | Uint8Array | string);
  /**
   * May be negative.
   */
  'by'?: (number | string | Long);
}

/**
 * Adds to a number in a hash.
 */
export interface CacheFieldIncrement__Output {
  /**
   * The hash.
   */
  'key': (string);
  /**
   * The field; none counts as 0.
   */
  'field': (Buffer);
  /**
   * May be negative.
   */
  'by': (string);
}
