// Original file: bottle/v1/channel.proto

import type { TargetCount as _bottle_v1_TargetCount, TargetCount__Output as _bottle_v1_TargetCount__Output } from '../../bottle/v1/TargetCount.ts';

/**
 * What the responder holds.
 */
export interface Counts {
  /**
   * Those that have any.
   */
  'targets'?: (_bottle_v1_TargetCount)[];
}

/**
 * What the responder holds.
 */
export interface Counts__Output {
  /**
   * Those that have any.
   */
  'targets': (_bottle_v1_TargetCount__Output)[];
}
