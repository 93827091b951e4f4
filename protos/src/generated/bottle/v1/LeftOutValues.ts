// Original file: bottle/v1/ping.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Values of a resource that are none of its codec.
 */
export interface LeftOutValues {
  /**
   * "cache.sessions"
   */
  'resource'?: (string);
  /**
   * How many.
   */
  'count'?: (number | string | Long);
}

/**
 * Values of a resource that are none of its codec.
 */
export interface LeftOutValues__Output {
  /**
   * "cache.sessions"
   */
  'resource': (string);
  /**
   * How many.
   */
  'count': (string);
}
