// Original file: bottle/v1/cache.proto


/**
 * An operation on one key.
 */
export interface CacheKey {
  /**
   * Any bytes are fine; by convention "noun:id".
   */
  'key'?: (string);
}

/**
 * An operation on one key.
 */
export interface CacheKey__Output {
  /**
   * Any bytes are fine; by convention "noun:id".
   */
  'key': (string);
}
