// Original file: bottle/v1/cache.proto

import type { CacheResult as _bottle_v1_CacheResult, CacheResult__Output as _bottle_v1_CacheResult__Output } from '../../bottle/v1/CacheResult.ts';

/**
 * The answers of a transaction.
 */
export interface CacheResults {
  /**
   * One for each operation, in order.
   */
  'results'?: (_bottle_v1_CacheResult)[];
}

/**
 * The answers of a transaction.
 */
export interface CacheResults__Output {
  /**
   * One for each operation, in order.
   */
  'results': (_bottle_v1_CacheResult__Output)[];
}
