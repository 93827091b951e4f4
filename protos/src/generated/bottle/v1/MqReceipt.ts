// Original file: bottle/v1/mq.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Where a message went.
 */
export interface MqReceipt {
  /**
   * Its partition.
   */
  'partition'?: (number);
  /**
   * Its position there; -1 where the resource does not wait for acknowledgements.
   */
  'offset'?: (number | string | Long);
}

/**
 * Where a message went.
 */
export interface MqReceipt__Output {
  /**
   * Its partition.
   */
  'partition': (number);
  /**
   * Its position there; -1 where the resource does not wait for acknowledgements.
   */
  'offset': (string);
}
