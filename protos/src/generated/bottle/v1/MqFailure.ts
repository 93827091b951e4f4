// Original file: bottle/v1/events.proto

import type { Error as _bottle_v1_Error, Error__Output as _bottle_v1_Error__Output } from '../../bottle/v1/Error.ts';

/**
 * A message that is not done.
 */
export interface MqFailure {
  /**
   * Its place in the delivery, from 0.
   */
  'index'?: (number);
  /**
   * Why it failed; reasons "drop-message" and "retry-message" say what is to become of it. Absent: it has not ended yet.
   */
  'error'?: (_bottle_v1_Error | null);
}

/**
 * A message that is not done.
 */
export interface MqFailure__Output {
  /**
   * Its place in the delivery, from 0.
   */
  'index': (number);
  /**
   * Why it failed; reasons "drop-message" and "retry-message" say what is to become of it. Absent: it has not ended yet.
   */
  'error': (_bottle_v1_Error__Output | null);
}
