// Original file: bottle/v1/mq.proto

import type { MqReceipt as _bottle_v1_MqReceipt, MqReceipt__Output as _bottle_v1_MqReceipt__Output } from '../../bottle/v1/MqReceipt.ts';

/**
 * Where the messages went.
 */
export interface MqPublished {
  /**
   * One for each message, in order.
   */
  'receipts'?: (_bottle_v1_MqReceipt)[];
}

/**
 * Where the messages went.
 */
export interface MqPublished__Output {
  /**
   * One for each message, in order.
   */
  'receipts': (_bottle_v1_MqReceipt__Output)[];
}
