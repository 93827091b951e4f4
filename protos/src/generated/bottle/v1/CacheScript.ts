// Original file: bottle/v1/cache.proto


/**
 * A script in the store's language (Lua for Redis), run as one.
 */
export interface CacheScript {
  /**
   * Its text; the sidecar sends it once and then refers to it.
   */
  'source'?: (string);
  /**
   * KEYS, with the resource's prefix added.
   */
  'keys'?: (string)[];
  /**
   * ARGV.
   */
  'arguments'?: (Buffer | Uint8Array | string)[];
  /**
   * It changes nothing, and may be sent again.
   */
  'readOnly'?: (boolean);
}

/**
 * A script in the store's language (Lua for Redis), run as one.
 */
export interface CacheScript__Output {
  /**
   * Its text; the sidecar sends it once and then refers to it.
   */
  'source': (string);
  /**
   * KEYS, with the resource's prefix added.
   */
  'keys': (string)[];
  /**
   * ARGV.
   */
  'arguments': (Buffer)[];
  /**
   * It changes nothing, and may be sent again.
   */
  'readOnly': (boolean);
}
