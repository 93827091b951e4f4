// Original file: bottle/v1/channel.proto

import type { Frame as _bottle_v1_Frame, Frame__Output as _bottle_v1_Frame__Output } from '../../bottle/v1/Frame.ts';

/**
 * What one HTTP/2 message of the batched stream holds. Frames of one batch are independent and are handled in order.
 */
export interface Batch {
  /**
   * In order.
   */
  'frames'?: (_bottle_v1_Frame)[];
}

/**
 * What one HTTP/2 message of the batched stream holds. Frames of one batch are independent and are handled in order.
 */
export interface Batch__Output {
  /**
   * In order.
   */
  'frames': (_bottle_v1_Frame__Output)[];
}
