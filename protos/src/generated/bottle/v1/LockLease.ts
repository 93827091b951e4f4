// Original file: bottle/v1/lock.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What came of it.
 */
export interface LockLease {
  /**
   * Whether the lock is held.
   */
  'acquired'?: (boolean);
  /**
   * Greater than that of every earlier holder of this name: what is protected refuses smaller ones.
   */
  'fencingToken'?: (number | string | Long);
  /**
   * For how long Acquire waited, in milliseconds, before it sent the request that the store granted. The lease began
   * later than that after the call.
   */
  'waitedMs'?: (number);
}

/**
 * What came of it.
 */
export interface LockLease__Output {
  /**
   * Whether the lock is held.
   */
  'acquired': (boolean);
  /**
   * Greater than that of every earlier holder of this name: what is protected refuses smaller ones.
   */
  'fencingToken': (string);
  /**
   * For how long Acquire waited, in milliseconds, before it sent the request that the store granted. The lease began
   * later than that after the call.
   */
  'waitedMs': (number);
}
