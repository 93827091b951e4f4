// Original file: bottle/v1/cache.proto

import type { CacheValue as _bottle_v1_CacheValue, CacheValue__Output as _bottle_v1_CacheValue__Output } from '../../bottle/v1/CacheValue.ts';

/**
 * Several values.
 */
export interface CacheValues {
  /**
   * In order; one that is not there is `present: false`.
   */
  'values'?: (_bottle_v1_CacheValue)[];
}

/**
 * Several values.
 */
export interface CacheValues__Output {
  /**
   * In order; one that is not there is `present: false`.
   */
  'values': (_bottle_v1_CacheValue__Output)[];
}
