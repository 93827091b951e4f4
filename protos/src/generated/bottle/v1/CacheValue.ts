// Original file: bottle/v1/cache.proto


/**
 * A value that may not be there.
 */
export interface CacheValue {
  /**
   * Whether it is.
   */
  'present'?: (boolean);
  /**
   * The bytes.
   */
  'value'?: (Buffer | Uint8Array | string);
}

/**
 * A value that may not be there.
 */
export interface CacheValue__Output {
  /**
   * Whether it is.
   */
  'present': (boolean);
  /**
   * The bytes.
   */
  'value': (Buffer);
}
