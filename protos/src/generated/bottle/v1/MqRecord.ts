// Original file: bottle/v1/events.proto

import type { MqRecordHeader as _bottle_v1_MqRecordHeader, MqRecordHeader__Output as _bottle_v1_MqRecordHeader__Output } from '../../bottle/v1/MqRecordHeader.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One message of a queue.
 */
export interface MqRecord {
  /**
   * Number of the partition.
   */
  'partition'?: (number);
  /**
   * Position in the partition.
   */
  'offset'?: (number | string | Long);
  /**
   * Absent: none.
   */
  'key'?: (Buffer | Uint8Array | string);
  /**
   * Absent: a tombstone.
   */
  'value'?: (Buffer | Uint8Array | string);
  /**
   * In order; names may repeat.
   */
  'headers'?: (_bottle_v1_MqRecordHeader)[];
  /**
   * When it was published, in milliseconds since 1970.
   */
  'timestampMs'?: (number | string | Long);
  /**
   * 1 for the first try.
   */
  'attempt'?: (number);
  '_key'?: "key";
  '_value'?: "value";
}

/**
 * One message of a queue.
 */
export interface MqRecord__Output {
  /**
   * Number of the partition.
   */
  'partition': (number);
  /**
   * Position in the partition.
   */
  'offset': (string);
  /**
   * Absent: none.
   */
  'key'?: (Buffer);
  /**
   * Absent: a tombstone.
   */
  'value'?: (Buffer);
  /**
   * In order; names may repeat.
   */
  'headers': (_bottle_v1_MqRecordHeader__Output)[];
  /**
   * When it was published, in milliseconds since 1970.
   */
  'timestampMs': (string);
  /**
   * 1 for the first try.
   */
  'attempt': (number);
  '_key'?: "key";
  '_value'?: "value";
}
