// Original file: bottle/v1/config.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A former value.
 */
export interface ConfigRevision {
  /**
   * Which.
   */
  'key'?: (string);
  /**
   * As the history says.
   */
  'revision'?: (number | string | Long);
  /**
   * Who changes it.
   */
  'changedBy'?: (string);
}

/**
 * A former value.
 */
export interface ConfigRevision__Output {
  /**
   * Which.
   */
  'key': (string);
  /**
   * As the history says.
   */
  'revision': (string);
  /**
   * Who changes it.
   */
  'changedBy': (string);
}
