// Original file: bottle/v1/objects.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Which part of which object.
 */
export interface ObjectGet {
  /**
   * Its key.
   */
  'key'?: (string);
  /**
   * First byte, from 0.
   */
  'start'?: (number | string | Long);
  /**
   * Last byte, included; without it up to the end.
   */
  'end'?: (number | string | Long);
  /**
   * So many bytes at the end, instead of the two above.
   */
  'suffix'?: (number | string | Long);
  '_start'?: "start";
  '_end'?: "end";
  '_suffix'?: "suffix";
}

/**
 * Which part of which object.
 */
export interface ObjectGet__Output {
  /**
   * Its key.
   */
  'key': (string);
  /**
   * First byte, from 0.
   */
  'start'?: (string);
  /**
   * Last byte, included; without it up to the end.
   */
  'end'?: (string);
  /**
   * So many bytes at the end, instead of the two above.
   */
  'suffix'?: (string);
  '_start'?: "start";
  '_end'?: "end";
  '_suffix'?: "suffix";
}
