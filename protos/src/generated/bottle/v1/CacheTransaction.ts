// Original file: bottle/v1/cache.proto

import type { CacheOperation as _bottle_v1_CacheOperation, CacheOperation__Output as _bottle_v1_CacheOperation__Output } from '../../bottle/v1/CacheOperation.ts';

/**
 * Operations that run together.
 */
export interface CacheTransaction {
  /**
   * In this order. Scans, scripts and transactions are refused.
   */
  'operations'?: (_bottle_v1_CacheOperation)[];
}

/**
 * Operations that run together.
 */
export interface CacheTransaction__Output {
  /**
   * In this order. Scans, scripts and transactions are refused.
   */
  'operations': (_bottle_v1_CacheOperation__Output)[];
}
