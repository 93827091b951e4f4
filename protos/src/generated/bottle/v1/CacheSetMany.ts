// Original file: bottle/v1/cache.proto


/**
 * Stores several values at once; all or none.
 */
export interface CacheSetMany {
  /**
   * Keys, unique.
   */
  'keys'?: (string)[];
  /**
   * As many values, in the same order.
   */
  'values'?: (Buffer | Uint8Array | string)[];
}

/**
 * Stores several values at once; all or none.
 */
export interface CacheSetMany__Output {
  /**
   * Keys, unique.
   */
  'keys': (string)[];
  /**
   * As many values, in the same order.
   */
  'values': (Buffer)[];
}
