// Original file: bottle/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Sets when a key expires.
 */
export interface CacheExpire {
  /**
   * Which.
   */
  'key'?: (string);
  /**
   * Milliseconds from now; 0 deletes it.
   */
  'ttlMs'?: (number | string | Long);
}

/**
 * Sets when a key expires.
 */
export interface CacheExpire__Output {
  /**
   * Which.
   */
  'key': (string);
  /**
   * Milliseconds from now; 0 deletes it.
   */
  'ttlMs': (string);
}
