// Original file: bottle/v1/cache.proto

import type { CacheSortedMember as _bottle_v1_CacheSortedMember, CacheSortedMember__Output as _bottle_v1_CacheSortedMember__Output } from '../../bottle/v1/CacheSortedMember.ts';
import type { CacheCondition as _bottle_v1_CacheCondition, CacheCondition__Output as _bottle_v1_CacheCondition__Output } from '../../bottle/v1/CacheCondition.ts';

/**
 * Adds members to a sorted set, or changes their scores.
 */
export interface CacheSortedAdd {
  /**
   * The sorted set.
   */
  'key'?: (string);
  /**
   * Members with their scores.
   */
  'members'?: (_bottle_v1_CacheSortedMember)[];
  /**
   * Whether a member must, or must not, be there before.
   */
  'condition'?: (_bottle_v1_CacheCondition);
}

/**
 * Adds members to a sorted set, or changes their scores.
 */
export interface CacheSortedAdd__Output {
  /**
   * The sorted set.
   */
  'key': (string);
  /**
   * Members with their scores.
   */
  'members': (_bottle_v1_CacheSortedMember__Output)[];
  /**
   * Whether a member must, or must not, be there before.
   */
  'condition': (_bottle_v1_CacheCondition__Output);
}
