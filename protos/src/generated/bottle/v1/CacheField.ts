// Original file: bottle/v1/cache.proto


/**
 * One field of a hash, or one member of a set.
 */
export interface CacheField {
  /**
   * The collection.
   */
  'key'?: (string);
  /**
   * Field or member.
   */
  'field'?: (Buffer | Uint8Array | string);
}

/**
 * One field of a hash, or one member of a set.
 */
export interface CacheField__Output {
  /**
   * The collection.
   */
  'key': (string);
  /**
   * Field or member.
   */
  'field': (Buffer);
}
