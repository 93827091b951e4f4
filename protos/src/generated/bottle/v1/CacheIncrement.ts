// Original file: bottle/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Adds to a number.
 */
export interface CacheIncrement {
  /**
   * Where the number is; none counts as 0.
   */
  'key'?: (string);
  /**
   * May be negative.
   */
  'by'?: (number | string | Long);
}

/**
 * Adds to a number.
 */
export interface CacheIncrement__Output {
  /**
   * Where the number is; none counts as 0.
   */
  'key': (string);
  /**
   * May be negative.
   */
  'by': (string);
}
