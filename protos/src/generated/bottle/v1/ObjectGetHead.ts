// Original file: bottle/v1/objects.proto

import type { ObjectInfo as _bottle_v1_ObjectInfo, ObjectInfo__Output as _bottle_v1_ObjectInfo__Output } from '../../bottle/v1/ObjectInfo.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What follows.
 */
export interface ObjectGetHead {
  /**
   * The whole object.
   */
  'info'?: (_bottle_v1_ObjectInfo | null);
  /**
   * First byte of the part.
   */
  'start'?: (number | string | Long);
  /**
   * Bytes of the part.
   */
  'length'?: (number | string | Long);
}

/**
 * What follows.
 */
export interface ObjectGetHead__Output {
  /**
   * The whole object.
   */
  'info': (_bottle_v1_ObjectInfo__Output | null);
  /**
   * First byte of the part.
   */
  'start': (string);
  /**
   * Bytes of the part.
   */
  'length': (string);
}
