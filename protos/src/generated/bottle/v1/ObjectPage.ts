// Original file: bottle/v1/objects.proto

import type { ObjectInfo as _bottle_v1_ObjectInfo, ObjectInfo__Output as _bottle_v1_ObjectInfo__Output } from '../../bottle/v1/ObjectInfo.ts';

/**
 * A page of a list.
 */
export interface ObjectPage {
  /**
   * Without content type and metadata.
   */
  'objects'?: (_bottle_v1_ObjectInfo)[];
  /**
   * Of the next page; empty: this is the last one.
   */
  'cursor'?: (string);
}

/**
 * A page of a list.
 */
export interface ObjectPage__Output {
  /**
   * Without content type and metadata.
   */
  'objects': (_bottle_v1_ObjectInfo__Output)[];
  /**
   * Of the next page; empty: this is the last one.
   */
  'cursor': (string);
}
