// Original file: bottle/v1/events.proto

import type { MqFailure as _bottle_v1_MqFailure, MqFailure__Output as _bottle_v1_MqFailure__Output } from '../../bottle/v1/MqFailure.ts';

/**
 * The result of several messages. Those that it does not name are done.
 */
export interface MqFailures {
  /**
   * Messages that are to be tried again, or given up.
   */
  'failures'?: (_bottle_v1_MqFailure)[];
}

/**
 * The result of several messages. Those that it does not name are done.
 */
export interface MqFailures__Output {
  /**
   * Messages that are to be tried again, or given up.
   */
  'failures': (_bottle_v1_MqFailure__Output)[];
}
