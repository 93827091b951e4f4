// Original file: bottle/v1/mq.proto

import type { MqHeader as _bottle_v1_MqHeader, MqHeader__Output as _bottle_v1_MqHeader__Output } from '../../bottle/v1/MqHeader.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One message.
 */
export interface MqMessage {
  /**
   * Messages of one key go to one partition, in order.
   */
  'key'?: (Buffer | Uint8Array | string);
  /**
   * What it says. Not set: a tombstone, which deletes the key where the topic is compacted.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * Repeats are kept.
   */
  'headers'?: (_bottle_v1_MqHeader)[];
  /**
   * This partition, whatever the key says.
   */
  'partition'?: (number);
  /**
   * Milliseconds until consumers may see it, where the driver can.
   */
  'delayMs'?: (number | string | Long);
  /**
   * Milliseconds since 1970. 0: now.
   */
  'timestampMs'?: (number | string | Long);
  '_key'?: "key";
  '_value'?: "value";
  '_partition'?: "partition";
}

/**
 * One message.
 */
export interface MqMessage__Output {
  /**
   * Messages of one key go to one partition, in order.
   */
  'key'?: (Buffer);
  /**
   * What it says. Not set: a tombstone, which deletes the key where the topic is compacted.
   */
  'value'?: (Buffer);
  /**
   * Repeats are kept.
   */
  'headers': (_bottle_v1_MqHeader__Output)[];
  /**
   * This partition, whatever the key says.
   */
  'partition'?: (number);
  /**
   * Milliseconds until consumers may see it, where the driver can.
   */
  'delayMs': (string);
  /**
   * Milliseconds since 1970. 0: now.
   */
  'timestampMs': (string);
  '_key'?: "key";
  '_value'?: "value";
  '_partition'?: "partition";
}
