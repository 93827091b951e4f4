// Original file: bottle/v1/events.proto

import type { MqRecord as _bottle_v1_MqRecord, MqRecord__Output as _bottle_v1_MqRecord__Output } from '../../bottle/v1/MqRecord.ts';

/**
 * Messages on their way to a function. One alone when the trigger asks for no batches.
 */
export interface MqDelivery {
  /**
   * In order of their offsets, partition by partition.
   */
  'records'?: (_bottle_v1_MqRecord)[];
}

/**
 * Messages on their way to a function. One alone when the trigger asks for no batches.
 */
export interface MqDelivery__Output {
  /**
   * In order of their offsets, partition by partition.
   */
  'records': (_bottle_v1_MqRecord__Output)[];
}
