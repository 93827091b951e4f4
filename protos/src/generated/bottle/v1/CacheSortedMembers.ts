// Original file: bottle/v1/cache.proto

import type { CacheSortedMember as _bottle_v1_CacheSortedMember, CacheSortedMember__Output as _bottle_v1_CacheSortedMember__Output } from '../../bottle/v1/CacheSortedMember.ts';

/**
 * Members of a sorted set, in order.
 */
export interface CacheSortedMembers {
  /**
   * Lowest score first, unless reversed.
   */
  'members'?: (_bottle_v1_CacheSortedMember)[];
}

/**
 * Members of a sorted set, in order.
 */
export interface CacheSortedMembers__Output {
  /**
   * Lowest score first, unless reversed.
   */
  'members': (_bottle_v1_CacheSortedMember__Output)[];
}
