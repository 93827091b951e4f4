// Original file: bottle/v1/cache.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Stores several values at once; all or none.
 */
export interface CacheSetMany {
  /**
   * Keys, unique.
   */
  'keys'?: (string)[];
  /**
   * As many values, in the same order.
   */
  'values'?: (Buffer | Uint8Array | string)[];
  /**
   * Milliseconds until they expire. 0: they do not.
   */
  'ttlMs'?: (number | string | Long);
}

/**
 * Stores several values at once; all or none.
 */
export interface CacheSetMany__Output {
  /**
   * Keys, unique.
   */
  'keys': (string)[];
  /**
   * As many values, in the same order.
   */
  'values': (Buffer)[];
  /**
   * Milliseconds until they expire. 0: they do not.
   */
  'ttlMs': (string);
}
