// Original file: bottle/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Part of a list. Negative positions count from the end, -1 is the last one; both ends belong to the range.
 */
export interface CacheRange {
  /**
   * The list.
   */
  'key'?: (string);
  /**
   * First position.
   */
  'start'?: (number | string | Long);
  /**
   * Last position.
   */
  'stop'?: (number | string | Long);
}

/**
 * Part of a list. Negative positions count from the end, -1 is the last one; both ends belong to the range.
 */
export interface CacheRange__Output {
  /**
   * The list.
   */
  'key': (string);
  /**
   * First position.
   */
  'start': (string);
  /**
   * Last position.
   */
  'stop': (string);
}
