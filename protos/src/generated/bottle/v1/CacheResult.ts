// Original file: bottle/v1/cache.proto

import type { CacheValues as _bottle_v1_CacheValues, CacheValues__Output as _bottle_v1_CacheValues__Output } from '../../bottle/v1/CacheValues.ts';
import type { CachePage as _bottle_v1_CachePage, CachePage__Output as _bottle_v1_CachePage__Output } from '../../bottle/v1/CachePage.ts';
import type { CacheSortedMembers as _bottle_v1_CacheSortedMembers, CacheSortedMembers__Output as _bottle_v1_CacheSortedMembers__Output } from '../../bottle/v1/CacheSortedMembers.ts';
import type { CacheReply as _bottle_v1_CacheReply, CacheReply__Output as _bottle_v1_CacheReply__Output } from '../../bottle/v1/CacheReply.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * The answer to one operation. Nothing set means that there is no such value.
 */
export interface CacheResult {
  /**
   * Bytes as they were stored.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * Several of them.
   */
  'values'?: (_bottle_v1_CacheValues | null);
  /**
   * A whole number.
   */
  'count'?: (number | string | Long);
  /**
   * A score.
   */
  'score'?: (number | string);
  /**
   * Whether the operation changed (or found) something.
   */
  'applied'?: (boolean);
  /**
   * One page of a scan.
   */
  'page'?: (_bottle_v1_CachePage | null);
  /**
   * Members of a sorted set with their scores.
   */
  'members'?: (_bottle_v1_CacheSortedMembers | null);
  /**
   * The store's own answer.
   */
  'reply'?: (_bottle_v1_CacheReply | null);
  /**
   * The former value, for a set with `return_old`.
   */
  'oldValue'?: (Buffer | Uint8Array | string);
  'result'?: "value"|"values"|"count"|"score"|"applied"|"page"|"members"|"reply";
  '_oldValue'?: "oldValue";
}

/**
 * The answer to one operation. Nothing set means that there is no such value.
 */
export interface CacheResult__Output {
  /**
   * Bytes as they were stored.
   */
  'value'?: (Buffer);
  /**
   * Several of them.
   */
  'values'?: (_bottle_v1_CacheValues__Output | null);
  /**
   * A whole number.
   */
  'count'?: (string);
  /**
   * A score.
   */
  'score'?: (number);
  /**
   * Whether the operation changed (or found) something.
   */
  'applied'?: (boolean);
  /**
   * One page of a scan.
   */
  'page'?: (_bottle_v1_CachePage__Output | null);
  /**
   * Members of a sorted set with their scores.
   */
  'members'?: (_bottle_v1_CacheSortedMembers__Output | null);
  /**
   * The store's own answer.
   */
  'reply'?: (_bottle_v1_CacheReply__Output | null);
  /**
   * The former value, for a set with `return_old`.
   */
  'oldValue'?: (Buffer);
  'result'?: "value"|"values"|"count"|"score"|"applied"|"page"|"members"|"reply";
  '_oldValue'?: "oldValue";
}
