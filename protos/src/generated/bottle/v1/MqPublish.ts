// Original file: bottle/v1/mq.proto

import type { MqMessage as _bottle_v1_MqMessage, MqMessage__Output as _bottle_v1_MqMessage__Output } from '../../bottle/v1/MqMessage.ts';

/**
 * Messages for one topic.
 */
export interface MqPublish {
  /**
   * Without the resource's prefix.
   */
  'topic'?: (string);
  /**
   * Messages with one key keep their order.
   */
  'messages'?: (_bottle_v1_MqMessage)[];
}

/**
 * Messages for one topic.
 */
export interface MqPublish__Output {
  /**
   * Without the resource's prefix.
   */
  'topic': (string);
  /**
   * Messages with one key keep their order.
   */
  'messages': (_bottle_v1_MqMessage__Output)[];
}
