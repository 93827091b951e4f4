// Original file: bottle/v1/events.proto

import type { MqRecord as _bottle_v1_MqRecord, MqRecord__Output as _bottle_v1_MqRecord__Output } from '../../bottle/v1/MqRecord.ts';

/**
 * Messages on their way to a function.
 */
export interface MqDelivery {
  /**
   * Without the resource's prefix.
   */
  'topic'?: (string);
  /**
   * The function gets a list, however many there are; otherwise one message by itself.
   */
  'list'?: (boolean);
  /**
   * No two of one key.
   */
  'records'?: (_bottle_v1_MqRecord)[];
}

/**
 * Messages on their way to a function.
 */
export interface MqDelivery__Output {
  /**
   * Without the resource's prefix.
   */
  'topic': (string);
  /**
   * The function gets a list, however many there are; otherwise one message by itself.
   */
  'list': (boolean);
  /**
   * No two of one key.
   */
  'records': (_bottle_v1_MqRecord__Output)[];
}
