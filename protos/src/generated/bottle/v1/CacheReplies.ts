// Original file: bottle/v1/cache.proto

import type { CacheReply as _bottle_v1_CacheReply, CacheReply__Output as _bottle_v1_CacheReply__Output } from '../../bottle/v1/CacheReply.ts';

/**
 * Several answers.
 */
export interface CacheReplies {
  /**
   * In order.
   */
  'replies'?: (_bottle_v1_CacheReply)[];
}

/**
 * Several answers.
 */
export interface CacheReplies__Output {
  /**
   * In order.
   */
  'replies': (_bottle_v1_CacheReply__Output)[];
}
