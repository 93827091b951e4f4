// Original file: bottle/v1/cache.proto

import type { CacheCondition as _bottle_v1_CacheCondition, CacheCondition__Output as _bottle_v1_CacheCondition__Output } from '../../bottle/v1/CacheCondition.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Stores a value.
 */
export interface CacheSet {
  /**
   * Where.
   */
  'key'?: (string);
  /**
   * What.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * Milliseconds until it expires. 0: it does not.
   */
  'ttlMs'?: (number | string | Long);
  /**
   * Keep the remaining time of the value before; wins over ttl_ms.
   */
  'keepTtl'?: (boolean);
  /**
   * Whether there must, or must not, be a value before.
   */
  'condition'?: (_bottle_v1_CacheCondition);
  /**
   * Answer the former value.
   */
  'returnOld'?: (boolean);
}

/**
 * Stores a value.
 */
export interface CacheSet__Output {
  /**
   * Where.
   */
  'key': (string);
  /**
   * What.
   */
  'value': (Buffer);
  /**
   * Milliseconds until it expires. 0: it does not.
   */
  'ttlMs': (string);
  /**
   * Keep the remaining time of the value before; wins over ttl_ms.
   */
  'keepTtl': (boolean);
  /**
   * Whether there must, or must not, be a value before.
   */
  'condition': (_bottle_v1_CacheCondition__Output);
  /**
   * Answer the former value.
   */
  'returnOld': (boolean);
}
