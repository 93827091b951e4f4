// Original file: bottle/v1/cache.proto


/**
 * A command by its own name: "OBJECT", "BITCOUNT". The resource's prefix is added to `keys` only.
 */
export interface CacheCommand {
  /**
   * Upper or lower case.
   */
  'name'?: (string);
  /**
   * What comes before the keys.
   */
  'before'?: (Buffer | Uint8Array | string)[];
  /**
   * Keys.
   */
  'keys'?: (string)[];
  /**
   * What comes after them.
   */
  'arguments'?: (Buffer | Uint8Array | string)[];
}

/**
 * A command by its own name: "OBJECT", "BITCOUNT". The resource's prefix is added to `keys` only.
 */
export interface CacheCommand__Output {
  /**
   * Upper or lower case.
   */
  'name': (string);
  /**
   * What comes before the keys.
   */
  'before': (Buffer)[];
  /**
   * Keys.
   */
  'keys': (string)[];
  /**
   * What comes after them.
   */
  'arguments': (Buffer)[];
}
