// Original file: bottle/v1/objects.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What is to be stored.
 */
export interface ObjectPut {
  /**
   * Its key.
   */
  'key'?: (string);
  /**
   * Empty: "application/octet-stream".
   */
  'contentType'?: (string);
  /**
   * Alternating name and value: letters, digits and "-"; printable ASCII. At most 2 KiB together.
   */
  'metadata'?: (string)[];
  /**
   * ALREADY_EXISTS when there is an object under this key.
   */
  'ifAbsent'?: (boolean);
  /**
   * Bytes that follow, where that is known; other numbers of them are refused.
   */
  'size'?: (number | string | Long);
  '_size'?: "size";
}

/**
 * What is to be stored.
 */
export interface ObjectPut__Output {
  /**
   * Its key.
   */
  'key': (string);
  /**
   * Empty: "application/octet-stream".
   */
  'contentType': (string);
  /**
   * Alternating name and value: letters, digits and "-"; printable ASCII. At most 2 KiB together.
   */
  'metadata': (string)[];
  /**
   * ALREADY_EXISTS when there is an object under this key.
   */
  'ifAbsent': (boolean);
  /**
   * Bytes that follow, where that is known; other numbers of them are refused.
   */
  'size'?: (string);
  '_size'?: "size";
}
