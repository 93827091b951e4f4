// Original file: bottle/v1/cache.proto


/**
 * An operation on several keys.
 */
export interface CacheKeys {
  /**
   * In the order the answers shall have.
   */
  'keys'?: (string)[];
}

/**
 * An operation on several keys.
 */
export interface CacheKeys__Output {
  /**
   * In the order the answers shall have.
   */
  'keys': (string)[];
}
