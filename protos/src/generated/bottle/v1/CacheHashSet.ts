// Original file: bottle/v1/cache.proto


/**
 * Sets fields of a hash.
 */
export interface CacheHashSet {
  /**
   * The hash.
   */
  'key'?: (string);
  /**
   * Field names.
   */
  'fields'?: (Buffer | Uint8Array | string)[];
  /**
   * As many values, in the same order.
   */
  'values'?: (Buffer | Uint8Array | string)[];
}

/**
 * Sets fields of a hash.
 */
export interface CacheHashSet__Output {
  /**
   * The hash.
   */
  'key': (string);
  /**
   * Field names.
   */
  'fields': (Buffer)[];
  /**
   * As many values, in the same order.
   */
  'values': (Buffer)[];
}
