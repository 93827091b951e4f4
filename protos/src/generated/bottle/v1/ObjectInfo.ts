// Original file: bottle/v1/objects.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What there is to know of an object.
 */
export interface ObjectInfo {
  /**
   * Its key.
   */
  'key'?: (string);
  /**
   * Of all of it, in bytes.
   */
  'size'?: (number | string | Long);
  /**
   * With its quotes; another one whenever the content is another one.
   */
  'etag'?: (string);
  /**
   * "image/png"
   */
  'contentType'?: (string);
  /**
   * When it was stored, in milliseconds since 1970.
   */
  'lastModifiedMs'?: (number | string | Long);
  /**
   * Alternating lower-case name and value, as they were given.
   */
  'metadata'?: (string)[];
}

/**
 * What there is to know of an object.
 */
export interface ObjectInfo__Output {
  /**
   * Its key.
   */
  'key': (string);
  /**
   * Of all of it, in bytes.
   */
  'size': (string);
  /**
   * With its quotes; another one whenever the content is another one.
   */
  'etag': (string);
  /**
   * "image/png"
   */
  'contentType': (string);
  /**
   * When it was stored, in milliseconds since 1970.
   */
  'lastModifiedMs': (string);
  /**
   * Alternating lower-case name and value, as they were given.
   */
  'metadata': (string)[];
}
